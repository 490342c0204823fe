import { TemplateRaised } from './errors.js';
import type { Leaf } from './span.js';
import { concat, isText, join, raw, tagged, Text, transform, type Str } from './text.js';

/** Python's values. Numbers are its integers; those that JavaScript's cannot hold are bigint. */
export type Value =
  null | boolean | number | bigint | Float | Str | List | Once | Dict | Namespace | Callable | Undefined;

export class Float {
  constructor(readonly value: number) {}
}

/** A list, or a tuple. */
export class List {
  constructor(
    readonly items: readonly Value[],
    readonly leaf?: Leaf,
    readonly tuple = false,
  ) {}
}

/** What filters give that make one item at a time: true whatever is in it, without a length, and empty the second time. */
export class Once {
  constructor(private items: readonly Value[]) {}

  take(): readonly Value[] {
    const { items } = this;
    this.items = [];
    return items;
  }
}

/** One of `groupby`'s. */
export class Group extends List {
  constructor(
    readonly grouper: Value,
    readonly list: List,
  ) {
    super([grouper, list], undefined, true);
  }
}

export const tupleOf = (items: readonly Value[]): List => new List(items, undefined, true);

export type Key = string | number | boolean;

export class Dict {
  constructor(
    readonly entries: ReadonlyMap<Key, Value>,
    readonly leaf?: Leaf,
    /** Its number, where it is a message of the conversation. */
    readonly message?: number,
  ) {}

  /** A key comes from where the dictionary comes from. */
  keys(): Value[] {
    return [...this.entries.keys()].map((key) => (typeof key === 'string' ? tagged(key, this.leaf) : key));
  }
}

/** `namespace(…)`, and `loop`. */
export class Namespace {
  constructor(readonly attributes: Map<string, Value>) {}

  get(name: string): Value | undefined {
    return this.attributes.get(name);
  }
}

export type Arguments = readonly Value[];
export type Keywords = ReadonlyMap<string, Value>;

export class Callable {
  constructor(readonly call: (args: Arguments, keywords: Keywords) => Value) {}
}

export class Undefined {
  constructor(readonly name: string) {}

  /** What Jinja2 does where an undefined value is used for more than printing and testing. */
  raise(): never {
    throw new TemplateRaised(`${this.name} is undefined`);
  }
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof Undefined) return 'Undefined';
  if (isText(value)) return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (value instanceof Float) return 'float';
  if (value instanceof List) return value.tuple ? 'tuple' : 'list';
  if (value instanceof Once) return 'generator';
  if (value instanceof Dict) return 'dict';
  return value instanceof Namespace ? 'Namespace' : 'function';
}

export const isNumber = (value: Value): value is boolean | number | bigint | Float =>
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  typeof value === 'bigint' ||
  value instanceof Float;

export const numeric = (value: boolean | number | bigint | Float): number =>
  value instanceof Float ? value.value : Number(value);

export function truthy(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (isText(value)) return raw(value) !== '';
  if (value instanceof List) return value.items.length > 0;
  if (value instanceof Dict) return value.entries.size > 0;
  return isNumber(value) ? numeric(value) !== 0 : true;
}

export function equal(a: Value, b: Value): boolean {
  if (isText(a) && isText(b)) return raw(a) === raw(b);
  if (typeof a === 'bigint' && typeof b === 'bigint') return a === b;
  if (isNumber(a) && isNumber(b)) return numeric(a) === numeric(b);
  if (a instanceof Undefined) return b instanceof Undefined;
  if (a instanceof List && b instanceof List) {
    const same = a.tuple === b.tuple && a.items.length === b.items.length;
    return same && a.items.every((item, i) => equal(item, b.items[i]!));
  }
  if (a instanceof Dict && b instanceof Dict) {
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, value]) => b.entries.has(key) && equal(value, b.entries.get(key)!));
  }
  return a === b;
}

/** Python's order: of numbers, of texts (by code point), of lists. @throws TemplateRaised for other pairs. */
export function compare(a: Value, b: Value): number {
  if (isText(a) && isText(b)) return comparePoints(raw(a), raw(b));
  if (isNumber(a) && isNumber(b)) return numeric(a) - numeric(b);
  if (a instanceof List && b instanceof List && a.tuple === b.tuple) {
    for (const [i, item] of a.items.entries()) {
      if (i >= b.items.length) return 1;
      if (!equal(item, b.items[i]!)) return compare(item, b.items[i]!);
    }
    return a.items.length - b.items.length;
  }
  if (a instanceof Undefined) a.raise();
  if (b instanceof Undefined) b.raise();
  throw new TemplateRaised(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

function comparePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((point, i) => point !== right[i]);
  if (at < 0) return left.length - right.length;
  return right[at] === undefined ? 1 : left[at]!.codePointAt(0)! - right[at].codePointAt(0)!;
}

/** What a loop goes over. */
export function iterate(value: Value): readonly Value[] {
  if (value instanceof List) return value.items;
  if (value instanceof Dict) return value.keys();
  if (value instanceof Once) return value.take();
  if (value instanceof Undefined) return [];
  if (isText(value)) return points(value);
  throw new TemplateRaised(`'${typeName(value)}' object is not iterable`);
}

/** The characters of a text, as Python counts them. */
export function points(text: Str): Str[] {
  if (typeof text === 'string') return Array.from(text);
  const found: Str[] = [];
  for (const [i, point] of pointStarts(text.value)) {
    const span = text.spans.find(({ start, end }) => start <= i && i < end);
    const from = span ? span.from + i - span.start : 0;
    const exact = span && span.end - span.start === span.to - span.from;
    const of = exact ? { from, to: from + point.length } : {};
    found.push(span ? new Text(point, [{ ...span, ...of, start: 0, end: point.length }]) : point);
  }
  return found;
}

function* pointStarts(value: string): Generator<[number, string]> {
  let at = 0;
  for (const point of value) {
    yield [at, point];
    at += point.length;
  }
}

export function length(value: Value): number {
  if (isText(value)) return pointCount(raw(value));
  if (value instanceof List) return value.items.length;
  if (value instanceof Dict) return value.entries.size;
  if (value instanceof Undefined) return 0;
  throw new TemplateRaised(`object of type '${typeName(value)}' has no len()`);
}

const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]/g;
export const pointCount = (value: string): number => value.length - (value.match(SURROGATES)?.length ?? 0);

/** repr() of a float. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [, sign = '', digits = '', exponent = ''] =
    /^(-?)([\d.]+)e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${sign}${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain =
    Math.abs(value) < 1e-6 ? value.toFixed(-power + digits.replace('.', '').length - 1) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

/** str(): what a template prints. */
export function str(value: Value): Str {
  if (isText(value)) return value;
  if (value instanceof Undefined) return '';
  return repr(value);
}

export function repr(value: Value): Str {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Float) return floatText(value.value);
  if (isText(value)) return quoted(value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof List) {
    const inner = join(value.items.map(repr), ', ');
    if (!value.tuple) return whole(['[', inner, ']'], value.leaf);
    return concat(['(', inner, value.items.length === 1 ? ',)' : ')']);
  }
  if (value instanceof Dict) {
    const entries = [...value.entries].map(([key, entry]) => concat([raw(repr(key)), ': ', repr(entry)]));
    return whole(['{', join(entries, ', '), '}'], value.leaf);
  }
  throw new TemplateRaised(`a ${typeName(value)} is printed`);
}

/** A list or dictionary from the data is written as one thing: its brackets come from there too. */
function whole(parts: readonly Str[], leaf: Leaf | undefined): Str {
  const text = concat(parts);
  return leaf ? tagged(raw(text), leaf) : text;
}

function quoted(text: Str): Str {
  const value = raw(text);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = transform(text, (part) =>
    part.replace(/[\\'\n\r\t\u0000-\u001f\u007f-\u00a0\u00ad]/g, (character) => {
      if (character === "'" || character === '"') return character === quote ? `\\${character}` : character;
      const short: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
      return short[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
    }),
  );
  return concat([quote, escaped, quote]);
}

export interface JsonOptions {
  readonly indent?: string | undefined;
  readonly ensureAscii: boolean;
  readonly separators: readonly [item: string, key: string];
  readonly sortKeys: boolean;
}

/** json.dumps(), as transformers' `tojson` calls it. */
export function toJson(value: Value, options: JsonOptions, depth = 0): Str {
  const { indent, separators, sortKeys } = options;
  const line = (level: number) => (indent === undefined ? '' : `\n${indent.repeat(level)}`);
  const block = (open: string, items: Str[], close: string) =>
    items.length
      ? [open, line(depth + 1), join(items, separators[0] + line(depth + 1)), line(depth), close]
      : [open, close];
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint')
    return String(value);
  if (value instanceof Float) return jsonFloat(value.value);
  if (isText(value)) {
    const body = transform(value, (part) => escapeJson(part, options.ensureAscii));
    return value instanceof Text && value.spans.length === 1 && value.spans[0]!.leaf
      ? concat([quoteLike(value), body, quoteLike(value)])
      : concat(['"', body, '"']);
  }
  if (value instanceof List) {
    return whole(
      block(
        '[',
        value.items.map((item) => toJson(item, options, depth + 1)),
        ']',
      ),
      value.leaf,
    );
  }
  if (value instanceof Dict) {
    const entries = [...value.entries];
    if (sortKeys) entries.sort(([a], [b]) => compare(a, b));
    const items = entries.map(([key, entry]) =>
      concat([raw(jsonKey(key, options)), separators[1], toJson(entry, options, depth + 1)]),
    );
    return whole(block('{', items, '}'), value.leaf);
  }
  throw new TemplateRaised(`Object of type ${typeName(value)} is not JSON serializable`);
}

/** json.dumps() writes other keys as texts. */
const jsonKey = (key: Key, options: JsonOptions): Str =>
  toJson(typeof key === 'string' ? key : raw(toJson(key, options)), options);

/** A quotation mark that belongs to the text that it is put round. */
const quoteLike = (text: Text): Str => new Text('"', [{ ...text.spans[0]!, start: 0, end: 1 }]);

const jsonFloat = (value: number) =>
  Number.isNaN(value)
    ? 'NaN'
    : Number.isFinite(value)
      ? floatText(value)
      : value > 0
        ? 'Infinity'
        : '-Infinity';

function escapeJson(text: string, ensureAscii: boolean): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  if (!ensureAscii) return escaped;
  return escaped.replace(
    /[^\u0000-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The value as a key of a dictionary. @throws TemplateRaised */
export function keyOf(value: Value): Key {
  if (isText(value)) return raw(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  throw new TemplateRaised(`unhashable type: '${typeName(value)}'`);
}
