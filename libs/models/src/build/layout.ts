import type { GraphBuilder, Value } from '@temper/graph';

/** The columns of x [rows, width] in `count` parts of the same width, as torch.chunk has them. */
export function equalParts(g: GraphBuilder, x: Value, count: number): Value[] {
  const width = (x.shape.at(-1) as number) / count;
  return g.ops('Split', [x, g.int64s(...new Array<number>(count).fill(width))], { axis: -1 }, count);
}
