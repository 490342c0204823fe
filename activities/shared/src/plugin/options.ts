import { nearest, TemperError, type Problem } from '@temper/contracts';
import type { ObjectStore } from '@temper/storage';
import { z } from 'zod';

const hasMethods = (value: unknown, names: readonly string[]) =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

/** A value that is told by its methods, as instances of other copies of a package are. */
const withMethods = <T>(what: string, ...names: readonly (keyof T & string)[]) =>
  z.custom<T>((value) => hasMethods(value, names), `must be ${what}`);

const called = <T>(what: string) =>
  z.custom<T>((value) => typeof value === 'function', `must be a function: ${what}`);

export const optionKinds = { withMethods, called };

const folder = z.string().min(1, 'must be a folder');

/** What every stage's plugin takes. */
export const stageOptionsSchema = z.strictObject({
  store: withMethods<ObjectStore>('an object store', 'get', 'getStream', 'head', 'put', 'list', 'delete'),
  home: folder.optional(),
  buckets: called<(bucket: string, credential?: string) => ObjectStore>(
    'the name of a bucket → its store',
  ).optional(),
  fetchFolder: folder.optional(),
  baseFolder: folder.optional(),
  heartbeatInterval: z.int().min(100).max(60_000).optional(),
  metrics: withMethods<{ stageStarted: unknown; stageEnded: unknown }>(
    'an object with stageStarted and stageEnded',
    'stageStarted',
    'stageEnded',
  ).optional(),
  startupChecks: z.boolean().optional(),
});

const hints: Readonly<Record<string, string>> = {
  store: 'e.g. createS3Store() of @temper/s3, for S3_ENDPOINT, S3_BUCKET, … of the environment',
};

/** @throws TemperError SPEC_INVALID with every mistake in the options: where, what was found, what is allowed. */
export function checkOptions(plugin: string, schema: z.ZodObject, options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    const message = 'needs options';
    throw new TemperError('SPEC_INVALID', { path: plugin, message, allowed: '{ store, home, … }' });
  }
  // An option that is undefined is one that is not given.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { error } = schema.safeParse(given);
  if (!error) return;
  const names = Object.keys(schema.shape);
  throw new TemperError(
    'SPEC_INVALID',
    error.issues.flatMap((issue) => problemsOf(plugin, names, issue, given)),
  );
}

function problemsOf(
  plugin: string,
  names: readonly string[],
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, unknown>>,
): Problem[] {
  if (issue.code === 'unrecognized_keys' && !issue.path.length) {
    return issue.keys.map((key) => {
      const close = nearest(key, names);
      return {
        path: `${plugin}.${key}`,
        message: 'unknown option',
        allowed: names.join(', '),
        ...(close ? { hint: `did you mean ${close}?` } : {}),
      };
    });
  }
  const name = String(issue.path[0] ?? '');
  const value = issue.path.reduce<unknown>((at, key) => (at as never)?.[key], given);
  const hint = hints[name];
  return [
    {
      path: [plugin, ...issue.path].join('.'),
      message: name in given ? issue.message : 'is required',
      found: shown(value),
      ...(hint ? { hint } : {}),
    },
  ];
}

/** Its kind alone: an option may hold a key. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || ['number', 'boolean'].includes(typeof value)) return String(value);
  return typeof value === 'object' ? `an object of class ${value.constructor.name}` : `a ${typeof value}`;
}
