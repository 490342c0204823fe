import type { GraphBuilder, Shape, Value } from '@temper/graph';

/** The symbolic dimensions that follow from a batch: examples, the longest of them, real tokens in all. */
export interface BatchSizes {
  readonly batch: number;
  readonly sequence: number;
  readonly tokens: number;
}

/** A bool dropout mask that is fed anew each step: true with probability `keep`. */
export interface RandomInput {
  readonly name: string;
  readonly keep: number;
  readonly shape: (sizes: BatchSizes) => number[];
}

/** x where a mask of its shape is true, else 0: dropout (Srivastava et al. 2014) without its factor 1/keep. */
export interface Masked {
  readonly value: Value;
  readonly input: RandomInput;
}

/** Undefined where the shape of x depends on something else than the sizes of a batch. */
export function masked(g: GraphBuilder, name: string, x: Value, keep: number): Masked | undefined {
  const shape = maskShape(x.shape);
  if (!shape) return undefined;
  const value = g.op('Where', [g.input(name, 'bool', x.shape), x, g.scalar('float32', 0)]);
  return { value, input: { name, keep, shape } };
}

/** The shape of a value of the given symbolic shape, from the sizes of a batch. */
function maskShape(shape: Shape): RandomInput['shape'] | undefined {
  const known = new Set(['batch', 'sequence', 'tokens'] satisfies (keyof BatchSizes)[]);
  const sums = shape.map((dim) =>
    String(dim)
      .split('+')
      .map((term) => term.split('*')),
  );
  if (!sums.flat(2).every((factor) => known.has(factor as keyof BatchSizes) || /^\d+$/.test(factor)))
    return undefined;
  return (sizes) => {
    const size = (factor: string) => sizes[factor as keyof BatchSizes] ?? Number(factor);
    return sums.map((terms) =>
      terms.reduce((sum, factors) => sum + factors.reduce((product, factor) => product * size(factor), 1), 0),
    );
  };
}
