// First: what it sets is read when the library is loaded.
import './no-telemetry.js';
import { TemperError, type Machine, type Provider } from '@temper/contracts';
import type { Session, SessionFactory, SessionOptions, Tensor, Tensors } from '@temper/training/session';
import * as ort from 'onnxruntime-node';
import { adaptGraph } from './adapt-graph.js';
import { machineOf } from './engine.js';
import { loadError, runError } from './errors.js';
import { isUncopied, UNCOPIED, withUncopied } from './uncopied.js';

/** FATAL: warnings are about missed optimisations, errors are thrown as well. */
const LOG_SEVERITY = 4;

/**
 * Measured on a training step of SmolLM2-135M: `enableMemPattern: false` costs no time and takes the peak from 3.6 to
 * 2.5 GB (batches differ in shape, so patterns are never reused); the arena gives 20% of speed for 0.1 GB; without
 * prepacking a step is 25% slower.
 */
function sessionOptions(
  device: Provider,
  { threads, onHost }: SessionOptions,
): ort.InferenceSession.SessionOptions {
  const provider = onHost ? 'cpu' : device;
  return {
    // An operator that the device lacks falls back to the CPU, node by node.
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableMemPattern: false,
    enableCpuMemArena: true,
    logSeverityLevel: LOG_SEVERITY,
  };
}

export function createSessionFactory(provider: Provider): SessionFactory {
  ort.env.logLevel = 'fatal';
  let machine: Machine | undefined;
  return {
    provider,
    // Who only tries whether the provider works does not ask.
    get machine() {
      return (machine ??= machineOf(provider));
    },
    adapt: (graph) => adaptGraph(provider, graph),
    async create(modelFile, options) {
      try {
        const onHost = provider === 'cpu' || options.onHost;
        const file = onHost ? await withUncopied(modelFile) : modelFile;
        const session = await ort.InferenceSession.create(file, sessionOptions(provider, options));
        return new OrtSession(session, modelFile);
      } catch (cause) {
        throw await loadError(cause, modelFile, provider);
      }
    },
  };
}

class OrtSession implements Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  // Parameters and preallocated outputs are the same objects in every run: wrapped once.
  private readonly wrapped = new WeakMap<Tensor, ort.Tensor>();

  private readonly canLeaveUncopied: boolean;

  constructor(
    private readonly session: ort.InferenceSession,
    private readonly modelFile: string,
  ) {
    this.canLeaveUncopied = session.outputNames.includes(UNCOPIED);
    this.inputs = session.inputNames;
    this.outputs = session.outputNames.filter((name) => name !== UNCOPIED);
  }

  async run(feeds: Tensors, fetches: Readonly<Record<string, Tensor | null>>): Promise<Tensors> {
    const inputs: Record<string, ort.Tensor> = {};
    for (const name of this.inputs) {
      const tensor = feeds[name];
      if (!tensor) throw new TemperError('GRAPH_INVALID', { path: name, message: 'an input is not fed' });
      inputs[name] = this.wrap(name, tensor);
    }
    const outputs: Record<string, ort.Tensor | null> = {};
    for (const [name, tensor] of Object.entries(fetches)) outputs[name] = tensor && this.wrap(name, tensor);
    const uncopied = this.canLeaveUncopied && !Object.values(outputs).includes(null);
    let results: ort.InferenceSession.OnnxValueMapType = {};
    try {
      results = await this.session.run(inputs, uncopied ? { [UNCOPIED]: null, ...outputs } : outputs);
    } catch (cause) {
      if (!uncopied || !isUncopied(cause)) throw await runError(cause, this.modelFile);
    }
    const answer: Record<string, Tensor> = {};
    for (const [name, given] of Object.entries(fetches)) {
      answer[name] = given ?? unwrap(results[name] as ort.Tensor);
    }
    return answer;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private wrap(name: string, tensor: Tensor): ort.Tensor {
    let found = this.wrapped.get(tensor);
    if (!found) {
      found = ortTensor(name, tensor);
      this.wrapped.set(tensor, found);
    }
    return found;
  }
}

const unwrap = (tensor: ort.Tensor): Tensor => ({
  dtype: tensor.type as Tensor['dtype'],
  dims: tensor.dims,
  data: tensor.data as Tensor['data'],
});

/** Throws GRAPH_INVALID where the data does not fill the shape or is of another type. */
function ortTensor(name: string, { dtype, data, dims }: Tensor): ort.Tensor {
  try {
    return new ort.Tensor(dtype as 'float32', data as Float32Array, dims);
  } catch (cause) {
    const found = `${dtype}[${dims.join(', ')}] of ${data.length} elements`;
    throw new TemperError('GRAPH_INVALID', { path: name, message: 'is no tensor', found }, { cause });
  }
}
