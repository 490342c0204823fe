import { TemperError } from '@temper/contracts';
import type { Value } from '@temper/graph';
import {
  headFacts,
  normals,
  symmetricUniforms,
  type Build,
  type Hooks,
  type TrainedWeights,
} from '@temper/models';
import { commonFields } from './adapter/config-fields.js';
import type { Adapter } from './adapter/read-adapter.js';
import type { AdapterFormat, Method } from './method.js';
import { completed } from './schema/method-schema.js';
import { prefixTuningSchema, type PrefixTuningSpec } from './schema/prefix-tuning.js';
import { TrainedHeads } from './trained-heads.js';

/** All keys and values of an adapter: [tokens, layers·2·width]. */
const FLAT = 'prompt_embeddings';
const network = (part: string) => `prompt_encoder.${part}`;
const EMBEDDING = network('embedding.weight');

const settingsOf = (spec: PrefixTuningSpec) => completed(prefixTuningSchema, spec, 'numVirtualTokens');
const isProjected = ({ weights }: Adapter) => weights.has(EMBEDDING);

const format: AdapterFormat<PrefixTuningSpec> = {
  peftType: 'PREFIX_TUNING',
  wrappedOnce: true,

  /** PEFT 0.21's PrefixTuningConfig. */
  fields: {
    ...commonFields,
    num_virtual_tokens: 'read',
    num_transformer_submodules: { only: [1, null] },
    encoder_hidden_size: 'read',
    prefix_projection: 'free',
    token_dim: 'free',
    num_attention_heads: 'free',
    num_layers: 'free',
    modules_to_save: 'off',
    init_weights: 'free',
  },

  /** A saved adapter has what its network made, and no network. */
  read(adapter) {
    const projection = isProjected(adapter);
    const fixed = { numVirtualTokens: adapter.config.num_virtual_tokens as number, projection };
    const encoderHiddenSize = adapter.weights.get(network('transform.0.bias'))?.shape[0];
    return { fixed: projection && encoderHiddenSize ? { ...fixed, encoderHiddenSize } : fixed };
  },

  shapes(spec, { layers, width: rows, keyWidth }) {
    const { numVirtualTokens, projection, encoderHiddenSize = rows } = settingsOf(spec);
    // A model without it is no decoder, which the method itself refuses.
    const width = keyWidth ?? 0;
    const all = 2 * layers * width;
    if (!projection) return new Map([[FLAT, [numVirtualTokens, all]]]);
    return new Map([
      [EMBEDDING, [numVirtualTokens, width]],
      [network('transform.0.weight'), [encoderHiddenSize, width]],
      [network('transform.0.bias'), [encoderHiddenSize]],
      [network('transform.2.weight'), [all, encoderHiddenSize]],
      [network('transform.2.bias'), [all]],
    ]);
  },

  config(_, { layers }, weights) {
    const [count, flat] = weights.get(FLAT)!.shape as readonly [number, number];
    return {
      encoder_hidden_size: flat / layers / 2,
      // PEFT makes them of the model's configuration; what it finds here, it takes for widths of queries, and cuts them once more.
      num_attention_heads: null,
      token_dim: null,
      num_layers: layers,
      num_transformer_submodules: 1,
      num_virtual_tokens: count,
      prefix_projection: false,
    };
  },

  tensors: (_, weights) => (weights.has(EMBEDDING) ? new Map([[FLAT, projected(weights)]]) : weights),

  merge: 'its keys and values stand in front of each text, which no weight of the base can do',
};

/** tanh(EW₀ᵀ + b₀)W₂ᵀ + b₂ */
function projected(weights: TrainedWeights) {
  const of = (part: string) => {
    const { shape, data } = weights.get(network(part))!;
    return { shape, data: data as Float32Array };
  };
  const hidden = product(of('embedding.weight'), of('transform.0.weight'), of('transform.0.bias'));
  const activated = { ...hidden, data: hidden.data.map(Math.tanh) };
  const { shape, data } = product(activated, of('transform.2.weight'), of('transform.2.bias'));
  return { shape, data: Float32Array.from(data) };
}

interface Matrix {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

function product(x: Matrix, w: Matrix, b: Matrix) {
  const [rows, inputs] = x.shape as [number, number];
  const outputs = w.shape[0]!;
  const data = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++)
    for (let o = 0; o < outputs; o++) {
      let sum = b.data[o]!;
      for (let i = 0; i < inputs; i++) sum += x.data[r * inputs + i]! * w.data[o * inputs + i]!;
      data[r * outputs + o] = sum;
    }
  return { shape: [rows, outputs], data };
}

/** What the prefix of all layers is made of, once a graph. */
class Prefix {
  private flat: Value | undefined;

  constructor(
    private readonly spec: ReturnType<typeof settingsOf>,
    private readonly layers: number,
    private readonly encoderWidth: number,
  ) {}

  /** Keys or values of a layer: [tokens, width]. */
  part(build: Build, layer: number, part: 0 | 1, width: number): Value {
    const { g } = build;
    this.flat ??= this.made(build, width);
    const from = (2 * layer + part) * width;
    return g.op('Slice', [this.flat, g.int64s(from), g.int64s(from + width), g.int64s(1)]);
  }

  /** First values are torch.nn.Embedding's and torch.nn.Linear's own. */
  private made(build: Build, width: number): Value {
    const { numVirtualTokens: count, projection, encoderHiddenSize = this.encoderWidth } = this.spec;
    const all = 2 * this.layers * width;
    if (!projection) return this.embedding(build, FLAT, [count, all]);
    const { g } = build;
    const hidden = this.linear(
      build,
      'transform.0',
      [encoderHiddenSize, width],
      this.embedding(build, EMBEDDING, [count, width]),
    );
    return this.linear(build, 'transform.2', [all, encoderHiddenSize], g.op('Tanh', [hidden]));
  }

  private embedding(build: Build, name: string, shape: readonly [number, number]): Value {
    const start = normals(shape[0] * shape[1], 1, build.options.seed, name);
    return build.trainable({ name, shape, kind: 'embedding' }, start);
  }

  private linear(build: Build, part: string, [outputs, inputs]: readonly [number, number], x: Value): Value {
    const { g } = build;
    const weight = (name: string, shape: number[], kind: 'kernel' | 'bias') => {
      const count = shape.reduce((a, b) => a * b, 1);
      const start = symmetricUniforms(count, 1 / Math.sqrt(inputs), build.options.seed, network(name));
      return build.trainable({ name: network(name), shape, kind }, start);
    };
    const w = weight(`${part}.weight`, [outputs, inputs], 'kernel');
    const b = weight(`${part}.bias`, [outputs], 'bias');
    return g.op('Add', [g.op('FusedMatMul', [x, w], { transB: 1 }), b]);
  }
}

/** Prefix tuning (Li and Liang 2021), as PEFT does it: keys and values of each layer, in front of each example, that are trained. */
export const prefixTuning: Method<'prefix-tuning'> = {
  check(_, { task }) {
    if (headFacts[task].generates) return;
    throw new TemperError('SPEC_INVALID', {
      path: 'method.type',
      message: 'puts keys and values in front of what a language model reads: it is for the task causal-lm',
      found: 'prefix-tuning',
      allowed: 'another method',
      hint: 'prompt-tuning puts tokens in front of any text',
    });
  },

  begin(spec, { model, adapter }) {
    prefixTuning.check(spec, model);
    // What a saved adapter holds is what its network made: training goes on without the network.
    const settings = { ...settingsOf(spec), ...(adapter ? { projection: isProjected(adapter) } : {}) };
    const prefix = new Prefix(settings, model.layers, model.width);
    const heads = new TrainedHeads(model.modules);
    const hooks: Hooks = {
      trains: heads.trains,
      prefixTokens: settings.numVirtualTokens,
      prefix(build, { layer, kvHeads, headSize }) {
        const width = kvHeads * headSize;
        return { keys: prefix.part(build, layer, 0, width), values: prefix.part(build, layer, 1, width) };
      },
    };
    return { hooks, heads };
  },

  positions: (spec) => settingsOf(spec).numVirtualTokens,
  store: () => undefined,
  still: (spec) => spec,
  published: format,
};
