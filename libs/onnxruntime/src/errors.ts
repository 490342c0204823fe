import { TemperError, type Problem, type Provider } from '@temper/contracts';
import { faultIn, surroundings } from './fault.js';

const textOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

const isMemory = /bad_alloc|[Ff]ailed to allocate|out of memory/;

const noMemory = (message: string, found: string, cause: unknown) =>
  new TemperError(
    'SPEC_INVALID',
    {
      path: 'training.trainBatchSize',
      message,
      found,
      hint: 'take a smaller trainBatchSize with more gradientAccumulationSteps, or a smaller tokenize.maxLength',
    },
    { cause },
  );

/** Of a failed run: names the node or input at fault, shows the graph around it, and says what to do where memory ran out. */
export async function runError(cause: unknown, modelFile: string): Promise<TemperError> {
  const text = textOf(cause);
  const fault = faultIn(text);
  const path = fault?.path ?? 'session.run';
  const reason = /Status Message: ([\s\S]*)/.exec(text)?.[1] ?? text;
  if (isMemory.test(text)) return noMemory(`not enough memory for a step, at ${path}`, reason, cause);
  const message =
    fault?.kind === 'input' ? 'ONNX Runtime refused what was fed' : 'ONNX Runtime failed in this operator';
  const hint = await surroundings(modelFile, fault);
  return new TemperError('GRAPH_INVALID', { path, message, found: reason, hint }, { cause });
}

/** Of a graph that could not be loaded. */
export async function loadError(cause: unknown, modelFile: string, provider: Provider): Promise<TemperError> {
  const found = textOf(cause);
  if (provider !== 'cpu' && isMissingProvider(found))
    return new TemperError(
      'SERVICE_UNAVAILABLE',
      { path: provider, message: 'this machine has no device or no libraries for the provider', found },
      { cause },
    );
  if (isMemory.test(found)) return noMemory('not enough memory to load the graph', found, cause);
  const fault = faultIn(found);
  const problem: Problem = {
    path: fault?.path ?? modelFile,
    message: `ONNX Runtime refused the graph on ${provider}`,
    found,
    hint: await surroundings(modelFile, fault),
  };
  return new TemperError('GRAPH_INVALID', problem, { cause });
}

const isMissingProvider = (text: string) =>
  /execution provider|ExecutionProvider|backend not found|shared library|no available backend|adapter/i.test(
    text,
  );
