import type { Shape } from '@temper/graph';
import type { BatchSizes } from './method.js';

/**
 * The shape of a mask for a value of the given symbolic shape, from the sizes of a batch; undefined where it depends on
 * something else.
 */
export function maskShape(shape: Shape): ((sizes: BatchSizes) => number[]) | undefined {
  const known = new Set(['batch', 'sequence', 'tokens'] satisfies (keyof BatchSizes)[]);
  const terms = shape.map((dim) => String(dim).split('*'));
  if (!terms.flat().every((factor) => known.has(factor as keyof BatchSizes) || /^\d+$/.test(factor)))
    return undefined;
  return (sizes) => {
    const size = (factor: string) => sizes[factor as keyof BatchSizes] ?? Number(factor);
    return terms.map((factors) => factors.reduce((product, factor) => product * size(factor), 1));
  };
}
