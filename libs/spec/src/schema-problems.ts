import { nearest, shownSource, type Problem } from '@temper/contracts';
import type { z } from 'zod';
import { mistakeInWords, valueHelp } from './mistake-words.js';
import { at, formOf, literalValues, schemaAt, unionBranches, valuesOf, type Schema } from './schema-walk.js';
import { unknownFieldHelp } from './unknown-field.js';

/** zod's issues as problems: where, what was found, what the schema allows there, the nearest name. */
export const problemsIn = (issues: readonly z.core.$ZodIssue[], input: unknown, schema: Schema): Problem[] =>
  issues.flatMap(inward).flatMap((issue) => problemsOf(issue, input, schema));

/** More unknown fields of one group are nobody's typing mistakes. */
const HELPED = 50;

function problemsOf(issue: z.core.$ZodIssue, input: unknown, root: Schema): Problem[] {
  const path = issue.path.map(String);
  const value = at(input, path);
  const base = { path: path.join('.') || '(spec)', found: shown(value) };
  if (issue.code === 'unrecognized_keys' && !isColumns(path)) {
    const help = unknownFieldHelp(root, path, issue.keys.slice(0, HELPED), input);
    return issue.keys.map((key, i) => ({
      path: [...path, key].join('.'),
      message: 'unknown field',
      found: shown(at(input, [...path, key])),
      ...help[i],
    }));
  }
  if (issue.code === 'invalid_value') {
    return [{ ...base, message: 'not an allowed value', ...valueHelp(value, issue.values.map(String)) }];
  }
  const branches = unionBranches(root, path);
  if (issue.code === 'invalid_union' && issue.discriminator) {
    const allowed = branches.flatMap((b) => literalValues(b, issue.discriminator as string));
    return [{ ...base, message: 'not an allowed value', ...valueHelp(value, allowed) }];
  }
  if (issue.code === 'invalid_union' || issue.code === 'unrecognized_keys') {
    const forms = branches.map(formOf);
    return [
      {
        ...base,
        message: 'fits none of the allowed forms',
        allowed: forms.join(' or '),
        ...hint(nearestForm(value, forms) ?? nearest(base.found, branches.flatMap(valuesOf))),
      },
    ];
  }
  const { secret } = (issue as { params?: { secret?: boolean } }).params ?? {};
  const found = secret ? 'something that is not shown' : base.found;
  return [{ ...base, found, ...mistakeInWords(issue, value, schemaAt(root, path)) }];
}

const hint = (name: string | undefined) => (name ? { hint: `did you mean ${name}?` } : {});

/** The form whose names are nearest to the keys of an object. */
function nearestForm(value: unknown, forms: readonly string[]): string | undefined {
  if (Array.isArray(value) && forms.includes('{values}')) return `{ values: ${shown(value)} }`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return nearest(`{${Object.keys(value).slice(0, HELPED).join(', ')}}`, forms);
}

/** Of columns the set of keys says what a row is: without one of them they would be another kind of row. */
export const isColumns = (path: readonly string[]) =>
  /^dataset\.(train\.\d+\.)?columns$/.test(path.join('.'));

/** Where a value has the form of one alternative alone, what is wrong lies inside of it. */
export function inward(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length < 2) return [issue];
  const inside = issue.errors.filter((found) => found.every(isInside));
  if (inside.length !== 1) return [issue];
  return inside[0]!.flatMap((inner) => inward({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Of text and lists also what is wrong with the whole: no address, an empty list. */
const isInside = (issue: z.core.$ZodIssue): boolean =>
  issue.path.length > 0 ||
  issue.code === 'custom' ||
  (['too_small', 'too_big'].includes(issue.code) &&
    ['string', 'array'].includes((issue as { origin?: string }).origin ?? ''));

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  // What is secret in an address is not repeated.
  const plain = typeof value === 'string' ? shownSource(value) : value;
  const json = (JSON.stringify(plain) ?? String(plain)).replace(/:\/\/[^/?#]*@/, '://…@');
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
