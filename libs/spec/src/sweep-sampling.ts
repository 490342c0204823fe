import type { PipelineSpec } from './pipeline-spec.js';
import type { SearchSpace, SweepSpec } from './sweep-spec.js';

/** Values of the searched fields by their paths. */
export type TrialParams = Readonly<Record<string, unknown>>;

type Search = Pick<SweepSpec, 'search' | 'strategy' | 'seed'>;

/** What trial `index` tries: a pure function, so it is never stored. */
export function trialParams({ search, strategy, seed }: Search, index: number): TrialParams {
  if (strategy === 'grid') return gridPoint(search, index);
  const drawn = Object.entries(search).map(
    ([path, space]) => [path, draw(space, uniform(`${seed}/${index}/${path}`))] as const,
  );
  return Object.fromEntries(drawn);
}

/** Combinations of a grid; a range has none. */
export const gridSize = (search: SweepSpec['search']): number =>
  Object.values(search).reduce((size, space) => size * ('values' in space ? space.values.length : 1), 1);

/** As nested loops would go: the last field changes fastest. */
function gridPoint(search: SweepSpec['search'], index: number): TrialParams {
  let rest = index;
  const digits = Object.entries(search)
    .reverse()
    .map(([path, space]) => {
      const values = 'values' in space ? space.values : [space.min];
      const value = values[rest % values.length];
      rest = Math.floor(rest / values.length);
      return [path, value] as const;
    });
  return Object.fromEntries(digits.reverse());
}

function draw(space: SearchSpace, u: number): unknown {
  if ('values' in space) return space.values[Math.floor(u * space.values.length)];
  const { min, max, scale, integer } = space;
  // Integers are the cells [n, n + 1), so that both ends are as likely as the others.
  const top = integer ? max + 1 : max;
  const value = scale === 'log' ? min * (top / min) ** u : min + (top - min) * u;
  if (integer) return Math.min(max, Math.floor(value));
  // Nobody tells 3.1623e-4 from 3.162e-4: numbers that can be read, typed and compared.
  return Math.min(max, Math.max(min, Number(value.toPrecision(4))));
}

/** The pipeline with the trial's values in their places. */
export const trialSpec = (pipeline: PipelineSpec, params: TrialParams): PipelineSpec =>
  Object.entries(params).reduce((spec, [path, value]) => withValue(spec, path.split('.'), value), pipeline);

/** A copy with one value changed; what is not on the way is shared. */
export function withValue<T>(object: T, [key, ...rest]: readonly string[], value: unknown): T {
  const fields = (object ?? {}) as Record<string, unknown>;
  return { ...fields, [key!]: rest.length ? withValue(fields[key!], rest, value) : value } as T;
}

/** `SWEEP-t0007`: sorts, and is a run id like any other. */
export const trialRunId = (sweepId: string, index: number): string =>
  `${sweepId}-t${String(index).padStart(4, '0')}`;

/** 53 random bits in [0, 1) from a text: FNV-1a, then MurmurHash3's finaliser for two words. */
export function uniform(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  const high = mix(hash ^ 0x243f6a88);
  const low = mix(high ^ Math.imul(hash, 0x9e3779b9) ^ 0x85a308d3);
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
