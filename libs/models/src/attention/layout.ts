import type { GraphBuilder, Value } from '@temper/graph';

/** [B, S, heads·d] → [B, heads, S, d]. */
export function splitHeads(g: GraphBuilder, x: Value, heads: number, size: number): Value {
  return g.op('Transpose', [g.op('Reshape', [x, g.int64s(0, 0, heads, size)])], { perm: [0, 2, 1, 3] });
}

/** [B, heads, S, d] → [B, S, heads·d]. */
export function mergeHeads(g: GraphBuilder, x: Value): Value {
  return g.op('Reshape', [g.op('Transpose', [x], { perm: [0, 2, 1, 3] }), g.int64s(0, 0, -1)]);
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
