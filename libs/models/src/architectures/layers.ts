import type { GraphBuilder, Value } from '@temper/graph';
import type { ForwardContext } from './family.js';

/** x Wᵀ (+ b) for a module of PyTorch's nn.Linear: W [out, in] is used as it lies in the file, nothing is transposed. */
export function linear({ g, weight }: ForwardContext, x: Value, module: string, bias: boolean): Value {
  const product = g.op('FusedMatMul', [x, weight(`${module}.weight`)], { transB: 1 }, { name: module });
  return bias ? g.op('Add', [product, weight(`${module}.bias`)]) : product;
}

/** The rows of the real tokens, [tokens, …], of a padded [B, S, …]. */
export const tokenRows = ({ g, places }: ForwardContext, padded: Value): Value =>
  g.op('GatherND', [padded, places]);

/**
 * Rows of the real tokens [tokens, width] as a batch [B, S, width], zero where there is padding. Only attention needs it: everything that
 * treats tokens one by one leaves the padding out, often half of a batch.
 */
export function padded({ g, places, inputIds }: ForwardContext, rows: Value): Value {
  const shape = g.op('Concat', [g.op('Shape', [inputIds]), g.int64s(rows.shape.at(-1) as number)], {
    axis: 0,
  });
  const zeros = g.op('ConstantOfShape', [shape], { dtype: 'float32', value: 0 });
  return g.op('ScatterND', [zeros, places, rows]);
}

/** The positions 0 … S−1 of `tokens` [B, S], each `times` times in a row: int64 [S·times]. */
export function positions(g: GraphBuilder, tokens: Value, times = 1): Value {
  const length = g.op('Gather', [g.op('Shape', [tokens]), g.scalar('int64', 1)]);
  const count = (limit: Value) => g.op('Range', [g.scalar('int64', 0), limit, g.scalar('int64', 1)]);
  if (times === 1) return count(length);
  const repeat = g.scalar('int64', times);
  return g.op('Div', [count(g.op('Mul', [length, repeat])), repeat]);
}

/**
 * 0 where `visible`, else a number that the softmax turns into an exact zero. It is added to the scores, so it is
 * finite: a row that sees nothing becomes uniform, not NaN.
 */
export const maskBias = (g: GraphBuilder, visible: Value): Value =>
  g.op('Where', [visible, g.scalar('float32', 0), g.scalar('float32', -1e9)]);

/** [B, S, heads·d] → [B, heads, S, d]. */
export function splitHeads(g: GraphBuilder, x: Value, heads: number, size: number): Value {
  return g.op('Transpose', [g.op('Reshape', [x, g.int64s(0, 0, heads, size)])], { perm: [0, 2, 1, 3] });
}

/** [B, heads, S, d] → [B, S, heads·d]. */
export function mergeHeads(g: GraphBuilder, x: Value): Value {
  return g.op('Reshape', [g.op('Transpose', [x], { perm: [0, 2, 1, 3] }), g.int64s(0, 0, -1)]);
}
