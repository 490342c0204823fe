import { foreignName } from './foreign-names.js';
import { nearest, plainName } from '@temper/contracts';
import {
  alternatives,
  fieldPaths,
  keysAt,
  literalValues,
  requiredOf,
  schemaAt,
  unionBranches,
  valuesOf,
  type Schema,
} from './schema-walk.js';

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
    if (place) return { hint: onlyValue(root, place) ?? otherType(root, path, place, known) ?? place };
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

/** A field that stands here, but with another `type`: `with method.type full`. */
function otherType(
  root: Schema,
  path: readonly string[],
  hint: string,
  known: readonly string[],
): string | undefined {
  const place = /^here: (\S+)$/.exec(hint)?.[1]?.split('.') ?? [];
  const field = place.at(-1);
  if (!field || place.slice(0, -1).join('.') !== path.join('.') || known.includes(field)) return undefined;
  const owners = alternatives(schemaAt(root, path)!)
    .filter((branch) => requiredOf(branch).names.includes(field))
    .flatMap((branch) => literalValues(branch, 'type'));
  return owners.length ? `with ${path.join('.')}.type ${owners.join(' or ')}` : undefined;
}

/** A switch that cannot be switched is no place for another tool's: `training.gradientCheckpointing is always false`. */
function onlyValue(root: Schema, hint: string): string | undefined {
  const place = /^here: (\S+)$/.exec(hint)?.[1];
  const path = place?.split('.') ?? [];
  const schema = path.length && !unionBranches(root, path).length ? schemaAt(root, path) : undefined;
  const values = schema ? valuesOf(schema) : [];
  return values.length === 1 && values[0] === 'false' ? `${place} is always false: leave it out` : undefined;
}
