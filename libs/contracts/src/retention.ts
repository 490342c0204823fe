import { TemperError } from './errors.js';

/** How much of a checkpoint stays: all of it, what can be evaluated and published, or nothing. */
export const keptParts = ['whole', 'weights', 'none'] as const;
export type KeptPart = (typeof keptParts)[number];

/** `90d`, `12h`, `30m`, `0s`, or `forever`. */
export type Age = string;

/** What stays in the store of runs that have ended; whatever a running one uses stays in any case. */
export interface Retention {
  readonly checkpoints: {
    /** So many of the newest stay whole; at least one. */
    readonly last: number;
    /** The one with the best metric. */
    readonly best: KeptPart;
    /** Those that a published version was made from. */
    readonly published: KeptPart;
  };
  /** A run's own files: its list of checkpoints, log, reports. Runs that published a version stay. */
  readonly runs: Age;
  /** Its metrics and the lines of its workers. */
  readonly logs: Age;
  /** Results of stages, by which later runs skip them. */
  readonly cache: Age;
}

/** Part of a retention: what is not said follows from the store's, and that from the defaults. */
export interface RetentionSettings {
  readonly checkpoints?:
    { readonly [F in keyof Retention['checkpoints']]?: Retention['checkpoints'][F] | undefined } | undefined;
  readonly runs?: Age | undefined;
  readonly logs?: Age | undefined;
  readonly cache?: Age | undefined;
}

export const defaultRetention: Retention = {
  checkpoints: { last: 1, best: 'weights', published: 'weights' },
  runs: '365d',
  logs: '365d',
  cache: '30d',
};

/** The settings over another retention. */
export function withRetention(under: Retention, { checkpoints, ...ages }: RetentionSettings = {}): Retention {
  return { ...under, ...defined(ages), checkpoints: { ...under.checkpoints, ...defined(checkpoints ?? {}) } };
}

const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as {
    [F in keyof T]?: Exclude<T[F], undefined>;
  };

const units = { s: 1e3, m: 60e3, h: 3600e3, d: 24 * 3600e3, w: 7 * 24 * 3600e3 } as const;
export const agePattern = /^(?:forever|\d+(?:\.\d+)?[smhdw])$/;
export const allowedAges = 'a number and s, m, h, d or w, as 90d; or forever';

/** In milliseconds; infinite for `forever`. @throws TemperError SPEC_INVALID */
export function parseAge(age: Age, path = 'retention'): number {
  if (!agePattern.test(age)) {
    throw new TemperError('SPEC_INVALID', { path, message: 'not an age', found: age, allowed: allowedAges });
  }
  if (age === 'forever') return Infinity;
  return Number(age.slice(0, -1)) * units[age.at(-1) as keyof typeof units];
}
