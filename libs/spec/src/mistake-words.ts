import { nameCalled } from '@temper/optimizers/schema';
import { lossCalled, taskWithLoss } from '@temper/tasks/schema';
import type { z } from 'zod';
import { nearest, plainName, type Problem } from '@temper/contracts';
import { alternatives, formOf, literalValues, requiredOf, type Schema } from './schema-walk.js';
import { writtenAs } from './written.js';

type Words = Pick<Problem, 'message' | 'allowed' | 'hint'>;

/** A value that is wrong by its type or size, in words: what is allowed there, and how it is written. */
export function mistakeInWords(issue: z.core.$ZodIssue, value: unknown, schema: Schema | undefined): Words {
  const { params = {} } = issue as { params?: { allowed?: string; hint?: string } };
  const allowed = params.allowed ?? (schema && isTyped(issue) ? formsOf(schema) : undefined);
  const hint = params.hint ?? hintFor(issue, value, schema);
  return { message: messageOf(issue, value), ...(allowed ? { allowed } : {}), ...(hint ? { hint } : {}) };
}

/** Nothing where the message has said it. */
function formsOf(schema: Schema): string | undefined {
  const choices = alternatives(schema);
  const forms = (choices.length ? choices : [schema])
    .map(formOf)
    .filter((form) => !/^(string|boolean|\{\})$/.test(form));
  return forms.join(' or ') || undefined;
}

const isTyped = ({ code }: z.core.$ZodIssue) => ['invalid_type', 'too_small', 'too_big'].includes(code);

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'a group of fields',
  record: 'a group of fields',
  array: 'a list',
};

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is required';
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small') return value === '' ? 'is empty' : 'too small';
  if (issue.code === 'too_big') return 'too large';
  return issue.message.replace(/^Invalid input: /, '');
}

const onePattern = 'several files are one pattern: data/*.csv, or {a,b}.csv';

/** How what was most probably meant is written. */
function hintFor(issue: z.core.$ZodIssue, value: unknown, schema: Schema | undefined): string | undefined {
  if (issue.code === 'too_big' && issue.maximum === 1 && typeof value === 'number' && value <= 100)
    return `a share, not percent: ${value / 100}`;
  if (issue.code !== 'invalid_type' || value === undefined) return undefined;
  if (Array.isArray(value) && issue.expected === 'string' && issue.path[0] === 'dataset') return onePattern;
  if (typeof value === 'string' && /^dataset,train,\d+$/.test(issue.path.join()))
    return `{ source: ${value.slice(0, 100)} }; or, ${onePattern}`;
  if (typeof value === 'object') return undefined;
  const written = writtenAs(value);
  return written.length > 200 ? undefined : rewritten[issue.expected]?.(written, value, schema);
}

type Rewriting = (written: string, value: unknown, schema: Schema | undefined) => string | undefined;

const unquotedNumber: Rewriting = (written, value) =>
  typeof value === 'string' && isNumber(written) ? `a number has no quotes: ${written.trim()}` : undefined;

/** A value of one kind as the kind that is expected is written. */
const rewritten: Readonly<Record<string, Rewriting>> = {
  number: unquotedNumber,
  int: unquotedNumber,
  boolean: (written) =>
    /^(true|false)$/i.test(written) ? `without quotes: ${written.toLowerCase()}` : undefined,
  string: (written) => `in quotes: ${JSON.stringify(written)}`,
  array: (written) => `a list: [${written.split(/\s*,\s*/).join(', ')}]`,
  object: (written, value, schema) => {
    const field = schema && onlyField(schema, value);
    return field && `{ ${field}: ${written} }`;
  },
};

const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

/** The field of a group that a bare value stands for: the one that it needs, or a lower bound. */
function onlyField(schema: Schema, value: unknown): string | undefined {
  const kinds = alternatives(schema).flatMap((choice) => literalValues(choice, 'type'));
  if (kinds.includes(writtenAs(value))) return 'type';
  const { names, required } = requiredOf(schema);
  if (required.length === 1) return required[0];
  return typeof value === 'number' && names.includes('min') ? 'min' : undefined;
}

/** What is allowed where values are listed, and the nearest of them: by its letters, or by how it begins (`adamw_torch`). */
export function valueHelp(value: unknown, allowed: readonly string[]): Pick<Problem, 'allowed' | 'hint'> {
  const found = writtenAs(value);
  const meant =
    encodingCalled(found, allowed) ??
    called(found, allowed) ??
    nearest(found, allowed) ??
    beginning(found, allowed);
  return { allowed: allowed.join(', '), ...(meant ? { hint: `did you mean ${meant}?` } : {}) };
}

/** By its name in another tool: `paged_adamw_8bit`; a task by its loss. */
const called = (found: string, allowed: readonly string[]) =>
  [nameCalled(found), lossCalled(found), taskWithLoss(found)].find(
    (name) => name !== undefined && allowed.includes(name),
  );

const beginning = (found: string, allowed: readonly string[]) =>
  allowed.find((name) => name.length >= 4 && plainName(found).startsWith(plainName(name)));

/** Python's and Windows' names of encodings (`latin-1`, `cp1252`, `utf-8-sig`) by the labels of the Encoding Standard. */
function encodingCalled(found: string, allowed: readonly string[]): string | undefined {
  if (!allowed.includes('utf-8') || found.length > 40) return undefined;
  const same = allowed.find((name) => plainName(name) === plainName(found));
  if (same) return same;
  try {
    const { encoding } = new TextDecoder(plainName(found).replace(/sig$/, ''));
    return allowed.find((name) => name === encoding);
  } catch {
    return undefined;
  }
}
