import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { isText, raw } from './text.js';
import {
  Callable,
  compare,
  Dict,
  equal,
  Float,
  isNumber,
  keyOf,
  List,
  numeric,
  Once,
  str,
  typeName,
  Undefined,
  type Arguments,
  type Value,
} from './values.js';

/** `needle in haystack` */
export function contains(haystack: Value, needle: Value): boolean {
  if (isText(haystack)) {
    if (isText(needle)) return raw(haystack).includes(raw(needle));
    throw new TemplateRaised(`'in <string>' requires string as left operand, not ${typeName(needle)}`);
  }
  if (haystack instanceof List) return haystack.items.some((item) => equal(item, needle));
  if (haystack instanceof Dict) return haystack.entries.has(keyOf(needle));
  if (haystack instanceof Undefined) return false;
  if (haystack instanceof Once) return haystack.take().some((item) => equal(item, needle));
  throw new TemplateRaised(`argument of type '${typeName(haystack)}' is not iterable`);
}

const isInteger = (value: Value) => typeof value === 'number' || typeof value === 'bigint';

function remainder(value: Value, by: Value): number {
  if (isNumber(value) && isNumber(by)) return numeric(value) % numeric(by);
  if (value instanceof Undefined) value.raise();
  throw new TemplateRaised(`unsupported operand type(s) for %: '${typeName(value)}' and '${typeName(by)}'`);
}

const second = (args: Arguments): Value => args[0] ?? null;
const sequence = (value: Value) => isText(value) || value instanceof List || value instanceof Dict;

const tests: Readonly<Record<string, (value: Value, args: Arguments) => boolean>> = {
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  integer: isInteger,
  float: (value) => value instanceof Float,
  number: isNumber,
  string: isText,
  mapping: (value) => value instanceof Dict,
  sequence: (value) => sequence(value) || value instanceof Undefined,
  iterable: (value) => sequence(value) || value instanceof Once || value instanceof Undefined,
  callable: (value) => value instanceof Callable,
  odd: (value) => Math.abs(remainder(value, 2)) === 1,
  even: (value) => remainder(value, 2) === 0,
  divisibleby: (value, args) => remainder(value, second(args)) === 0,
  lower: (value) => /\p{L}/u.test(raw(str(value))) && raw(str(value)) === raw(str(value)).toLowerCase(),
  upper: (value) => /\p{L}/u.test(raw(str(value))) && raw(str(value)) === raw(str(value)).toUpperCase(),
  eq: (value, args) => equal(value, second(args)),
  ne: (value, args) => !equal(value, second(args)),
  lt: (value, args) => compare(value, second(args)) < 0,
  le: (value, args) => compare(value, second(args)) <= 0,
  gt: (value, args) => compare(value, second(args)) > 0,
  ge: (value, args) => compare(value, second(args)) >= 0,
  in: (value, args) => contains(second(args), value),
  sameas: (value, args) => value === second(args),
};

const aliases: Readonly<Record<string, string>> = {
  '==': 'eq',
  equalto: 'eq',
  '!=': 'ne',
  '<': 'lt',
  lessthan: 'lt',
  '<=': 'le',
  '>': 'gt',
  greaterthan: 'gt',
  '>=': 'ge',
};

export const testNames = Object.keys(tests);

/** Jinja2's tests. @throws TemplateUnsupported for one that is not here */
export function applyTest(name: string, value: Value, args: Arguments): boolean {
  const known = aliases[name] ?? name;
  if (!Object.hasOwn(tests, known)) throw new TemplateUnsupported(`the test ${name} is not supported`);
  return tests[known]!(value, args);
}
