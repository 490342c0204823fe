import { TemperError } from '@temper/contracts';

/** Names the node that failed, and says what to do where memory ran out. */
export function runError(cause: unknown): TemperError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const node = /while running (\w+) node\. Name:'([^']*)'/.exec(text);
  const where = node ? `${node[2]} (${node[1]})` : 'session.run';
  const reason = /Status Message: ([\s\S]*)/.exec(text)?.[1] ?? text;
  if (/bad_alloc|[Ff]ailed to allocate|out of memory/.test(text)) {
    return new TemperError(
      'SPEC_INVALID',
      {
        path: 'training.trainBatchSize',
        message: `not enough memory for a step, at ${where}`,
        found: reason,
        hint: 'take a smaller trainBatchSize with more gradientAccumulationSteps, or a smaller tokenize.maxLength',
      },
      { cause },
    );
  }
  return new TemperError(
    'GRAPH_INVALID',
    { path: where, message: 'ONNX Runtime failed in this operator', found: reason },
    { cause },
  );
}
