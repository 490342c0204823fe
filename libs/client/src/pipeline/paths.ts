import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { schemeOf } from '@temper/contracts';

/** The fields that may name a local file, folder or glob. */
const pathFields = [
  ['model', 'base'],
  ['dataset', 'train'],
  ['dataset', 'validation'],
  ['dataset', 'test'],
  ['method', 'initFrom'],
] as const;

/** `pypi:x`, `s3://…`, `hf:ORG/NAME`, and what looks like the address of something else. A colon alone is a file's: `a:b.csv`. */
export const isRemote = (uri: string) => schemeOf(uri) !== undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(uri);

/** A source that a spec names. */
export interface NamedSource {
  /** The field. */
  readonly path: string;
  readonly uri: string;
  /** It was written relative to the spec's folder, or to a home folder: it is meant to be on this machine. */
  readonly relative: boolean;
}

/** Of specs whose paths were made absolute: those that were not. */
const writtenRelative = new WeakMap<object, ReadonlySet<string>>();

/** A copy whose local paths are absolute: a worker runs in another folder. */
export function resolvePaths(spec: Record<string, unknown>, folder: string): Record<string, unknown> {
  const copy = structuredClone(spec);
  const relative = new Set(writtenRelative.get(spec));
  for (const { path, holder, field, uri } of placesIn(copy)) {
    if (isRemote(uri)) continue;
    if (!isAbsolute(uri)) relative.add(path);
    holder[field] = absolute(uri, folder);
  }
  writtenRelative.set(copy, relative);
  return copy;
}

interface Place {
  /** `dataset.train`, or of several sources `dataset.train.0.source`. */
  readonly path: string;
  readonly holder: Fields;
  readonly field: string;
  readonly uri: string;
}
type Fields = Record<string, unknown>;

/** Where a spec, valid or not, has a path or URI. */
function placesIn(spec: unknown): Place[] {
  return pathFields.flatMap(([group, field]) => {
    const holder = (spec as Record<string, Fields | undefined> | undefined)?.[group];
    const value = holder?.[field];
    const path = `${group}.${field}`;
    if (!Array.isArray(value)) return place(path, holder, field);
    return value.flatMap((one, i) => place(`${path}.${i}.source`, one as Fields | undefined, 'source'));
  });
}

function place(path: string, holder: Fields | null | undefined, field: string): Place[] {
  const uri = holder?.[field];
  return holder && typeof uri === 'string' && uri !== '' ? [{ path, holder, field, uri }] : [];
}

function absolute(path: string, folder: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : resolve(folder, path);
}

/** Every path or URI that a spec, valid or not, names. */
export function namedSources(spec: unknown): NamedSource[] {
  const relative = typeof spec === 'object' && spec ? writtenRelative.get(spec) : undefined;
  return placesIn(spec).map(({ path, uri }) => ({ path, uri, relative: relative?.has(path) ?? false }));
}

/** A copy with other sources in the fields that are named. */
export function withSources<S extends object>(spec: S, uris: ReadonlyMap<string, string>): S {
  const copy = structuredClone(spec);
  for (const { path, holder, field } of placesIn(copy)) holder[field] = uris.get(path) ?? holder[field];
  return copy;
}
