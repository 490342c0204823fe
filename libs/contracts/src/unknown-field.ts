import { foreignName } from './foreign-names.js';
import { nearest, plainName } from './nearest.js';
import { fieldPaths, keysAt, type Schema } from './schema-walk.js';

export interface UnknownFieldHelp {
  readonly allowed?: string;
  readonly hint?: string;
}

/** What to say of fields that a group does not have; the group's own names are listed once. */
export function unknownFieldHelp(
  root: Schema,
  path: readonly string[],
  keys: readonly string[],
  input: unknown,
): UnknownFieldHelp[] {
  const known = keysAt(root, path, input);
  let listed = false;
  return keys.map((key) => {
    const place = elsewhere(root, path, key, known);
    if (place) return { hint: place };
    const near = nearest(key, known);
    const allowed = listed || !known.length ? {} : { allowed: known.join(', ') };
    listed = true;
    return { ...allowed, ...(near ? { hint: `did you mean ${near}?` } : {}) };
  });
}

/** Where a field of this name, or of its meaning in other tools, is written in a spec. */
function elsewhere(
  root: Schema,
  path: readonly string[],
  key: string,
  known: readonly string[],
): string | undefined {
  const sameName = (name: string) => plainName(name) === plainName(key);
  const here = known.find(sameName);
  if (here) return `here: ${[...path, here].join('.')}`;
  const foreign = foreignName(key);
  if (foreign) return foreign;
  const places = fieldPaths(root).filter((place) => sameName(place.at(-1)!));
  const shown = [...new Set(places.map((place) => place.join('.')))];
  return shown.length && shown.length <= 3 ? `here: ${shown.join(' or ')}` : undefined;
}
