import type { Shape } from '@temper/graph';

/**
 * The shape of a mask for a value of the given symbolic shape, from the sizes of a batch; undefined where it depends on
 * something else.
 */
export function maskShape(shape: Shape): ((batch: number, sequence: number) => number[]) | undefined {
  const known = new Set(['batch', 'sequence']);
  const terms = shape.map((dim) => String(dim).split('*'));
  if (!terms.flat().every((factor) => known.has(factor) || /^\d+$/.test(factor))) return undefined;
  return (batch, sequence) => {
    const size = (factor: string) =>
      factor === 'batch' ? batch : factor === 'sequence' ? sequence : Number(factor);
    return terms.map((factors) => factors.reduce((product, factor) => product * size(factor), 1));
  };
}
