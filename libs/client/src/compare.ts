import { engineWords, type ModelMeta, type ModelVersion } from '@temper/contracts';
import { differencesOf, type FieldDifference } from './differences.js';

/** A version with what it was made by. */
export interface VersionMade {
  readonly version: ModelVersion;
  readonly meta: ModelMeta;
  /** All its files. */
  readonly bytes: number;
  /** Undefined where it is not kept any more. */
  readonly spec: object | undefined;
}

/** The same thing of two versions; undefined where one has none. */
export interface Pair<T> {
  readonly a: T | undefined;
  readonly b: T | undefined;
  readonly equal: boolean;
}

export interface MetricPair {
  readonly a: number | undefined;
  readonly b: number | undefined;
  /** b − a, where both have it. */
  readonly difference: number | undefined;
}

export interface VersionComparison {
  /** `NAME:VERSION` */
  readonly a: string;
  readonly b: string;
  /** Weights and their configuration. */
  readonly weights: Pair<string>;
  readonly bytes: Pair<number>;
  /** What they were made from and by: digests, and the engine in words. */
  readonly madeFrom: Readonly<
    Record<'dataset' | 'tokens' | 'base' | 'adapter' | 'engine' | 'code', Pair<string>>
  >;
  /** Fields of the specs; undefined where one of them is not kept any more. */
  readonly spec: readonly FieldDifference[] | undefined;
  /** By split (`base`: of the base model on the test split), then by name. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, MetricPair>>>>;
}

export function compareVersions(a: VersionMade, b: VersionMade): VersionComparison {
  const pair = <T>(of: (made: VersionMade) => T | undefined): Pair<T> => {
    const [first, second] = [of(a), of(b)];
    return { a: first, b: second, equal: first === second };
  };
  const lineage = (field: 'dataset' | 'tokens' | 'adapter' | 'code') =>
    pair<string>(({ meta }) => meta.lineage[field]);
  return {
    a: nameOf(a),
    b: nameOf(b),
    weights: pair<string>(({ version }) => version.digest),
    bytes: pair(({ bytes }) => bytes),
    madeFrom: {
      dataset: lineage('dataset'),
      tokens: lineage('tokens'),
      base: pair<string>(({ meta }) => meta.base.digest),
      adapter: lineage('adapter'),
      engine: pair(
        ({
          meta: {
            lineage: { engine },
          },
        }) => engine && engineWords(engine),
      ),
      code: lineage('code'),
    },
    spec: a.spec && b.spec ? differencesOf(a.spec, b.spec) : undefined,
    metrics: metricsOf(a.meta.metrics, b.meta.metrics),
  };
}

const nameOf = ({ version }: VersionMade) => `${version.name}:${version.version}`;

const splits = ['validation', 'test', 'base'];

function metricsOf(a: ModelMeta['metrics'], b: ModelMeta['metrics']): VersionComparison['metrics'] {
  const found = splits.map((split) => {
    const [first, second] = [numbersIn(a[split]), numbersIn(b[split])];
    const names = [...new Set([...Object.keys(first), ...Object.keys(second)])];
    return [
      split,
      Object.fromEntries(names.map((name) => [name, pairOf(first[name], second[name])])),
    ] as const;
  });
  return Object.fromEntries(found.filter(([, pairs]) => Object.keys(pairs).length));
}

const pairOf = (a: number | undefined, b: number | undefined): MetricPair => ({
  a,
  b,
  difference: a === undefined || b === undefined ? undefined : b - a,
});

const numbersIn = (metrics: unknown): Record<string, number> =>
  Object.fromEntries(
    Object.entries((metrics ?? {}) as object).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
