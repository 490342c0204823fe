import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';
import { SLICE_END } from '../ops/slice.js';
import type { LossInput, LossValues } from './loss.js';

/** torch.nn.functional.normalize: a length below this is taken for it. */
const LEAST = 1e-12;

/** Of embeddings [batch, width], example after example, as unit vectors: the first sequence of each, and the n−1 others. */
export interface Units {
  readonly units: Value;
  readonly lengths: Value;
  /** int64 [examples, n, 1]: the rows of the batch. */
  readonly rows: Value;
  /** [examples, 1, width] and [examples, n−1, width] */
  readonly first: Value;
  readonly others: Value;
}

/** The rows of the batch that each example's sequences are in. */
export const exampleRows = {
  example_rows: { dtype: 'int32', shape: ['examples', 'sequences'] },
} as const satisfies Readonly<Record<string, LossInput>>;

/** x / max(|x|, ε) of each row, and the sequences of each example apart. */
export function unitsOf(g: GraphBuilder, embeddings: Value, { example_rows: places }: LossValues): Units {
  const lengths = g.op('Max', [
    g.op('ReduceL2', [embeddings, g.int64s(-1)], { keepdims: 1 }),
    g.scalar('float32', LEAST),
  ]);
  const units = g.op('Div', [embeddings, lengths]);
  const examples = g.op('Gather', [units, places!], { axis: 0 });
  const rows = g.op('Unsqueeze', [g.op('Cast', [places!], { to: 'int64' }), g.int64s(-1)]);
  const part = (from: number, to: number) =>
    g.op('Slice', [examples, g.int64s(from), g.int64s(to), g.int64s(1), g.int64s(1)]);
  return { units, lengths, rows, first: part(0, 1), others: part(1, SLICE_END) };
}

/** The gradient by the embeddings from those by the parts: (d − u·(u·d)) / |x| of each row. */
export function embeddingGradient(g: GraphBuilder, parts: Units, first: Value, others: Value) {
  const { units, lengths, rows } = parts;
  const zeros = g.op('ConstantOfShape', [g.op('Shape', [units])], { dtype: 'float32', value: 0 });
  const d = g.op('ScatterND', [zeros, rows, g.op('Concat', [first, others], { axis: 1 })]);
  const along = g.op('ReduceSum', [g.op('Mul', [units, d]), g.int64s(-1)], { keepdims: 1 });
  return g.op('Div', [g.op('Sub', [d, g.op('Mul', [units, along])]), lengths]);
}

/** [examples, width] of [examples, 1, width]. */
export const rowsOf = (g: GraphBuilder, part: Value): Value =>
  g.op('Reshape', [part, g.int64s(-1, widthOf(part))]);

export const widthOf = (value: Value): number => value.shape.at(-1) as number;
