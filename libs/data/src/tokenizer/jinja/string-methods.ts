import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { braceFormat } from './formats.js';
import { concat, inPlaceOf, isText, join, raw, slice, transform, type Str } from './text.js';
import {
  iterate,
  List,
  pointCount,
  points,
  typeName,
  type Arguments,
  type Keywords,
  type Value,
} from './values.js';

/** What str.isspace() is true for; JavaScript's \s lacks some and has U+FEFF. */
const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leading = new RegExp(`^[${SPACE}]+`);
const trailing = new RegExp(`[${SPACE}]+$`);
const words = new RegExp(`[^${SPACE}]+`, 'g');
const blank = new RegExp(`^[${SPACE}]*$`);

export const isBlank = (value: string): boolean => blank.test(value);

export function strip(text: Str, sides: 'both' | 'left' | 'right', characters?: Value): Str {
  const value = raw(text);
  if (characters === undefined || characters === null) {
    const start = sides === 'right' ? 0 : (leading.exec(value)?.[0].length ?? 0);
    const end = sides === 'left' ? value.length : trimmedEnd(value, start);
    return slice(text, start, end);
  }
  const set = new Set(string(characters, 'strip'));
  let [start, end] = [0, value.length];
  if (sides !== 'right') while (start < end && set.has(value[start]!)) start++;
  if (sides !== 'left') while (end > start && set.has(value[end - 1]!)) end--;
  return slice(text, start, end);
}

function trimmedEnd(value: string, start: number): number {
  let end = value.length;
  while (end > start && trailing.test(value[end - 1]!)) end--;
  return end;
}

function string(value: Value | undefined, method: string): string {
  if (value !== undefined && isText(value)) return raw(value);
  throw new TemplateRaised(
    `${method}() takes a text, not ${value === undefined ? 'nothing' : typeName(value)}`,
  );
}

function integer(value: Value | undefined, method: string, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'number') return value;
  throw new TemplateRaised(`${method}() takes a number, not ${typeName(value)}`);
}

const list = (items: readonly Value[]) => new List(items);

function split(text: Str, separator: Value | undefined, most: number, fromRight: boolean): List {
  const value = raw(text);
  const limit = most < 0 ? Infinity : most;
  if (separator === undefined || separator === null) return splitWords(text, limit, fromRight);
  const by = string(separator, 'split');
  if (!by) throw new TemplateRaised('empty separator');
  const cuts: number[] = [];
  if (fromRight) {
    for (let end = value.length; cuts.length < limit;) {
      const at = end < by.length ? -1 : value.lastIndexOf(by, end - by.length);
      if (at < 0) break;
      cuts.unshift(at);
      end = at;
    }
  } else {
    for (let at = value.indexOf(by); at >= 0 && cuts.length < limit; at = value.indexOf(by, at + by.length)) {
      cuts.push(at);
    }
  }
  const starts = [0, ...cuts.map((at) => at + by.length)];
  return list(starts.map((start, i) => slice(text, start, cuts[i] ?? value.length)));
}

/** At runs of white space; behind the last split allowed, the rest keeps its own. */
function splitWords(text: Str, limit: number, fromRight: boolean): List {
  const found = [...raw(text).matchAll(words)].map(
    ({ index, 0: word }) => [index, index + word.length] as const,
  );
  const cut = ([start, end]: readonly [number, number]) => slice(text, start, end);
  if (found.length <= limit) return list(found.map(cut));
  if (!fromRight) return list([...found.slice(0, limit).map(cut), slice(text, found[limit]![0])]);
  const rest = found.length - limit;
  return list([slice(text, 0, found[rest - 1]![1]), ...found.slice(rest).map(cut)]);
}

const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

export function splitLines(text: Str, keepEnds = false): Str[] {
  const value = raw(text);
  const lines: Str[] = [];
  let start = 0;
  for (const { index, 0: end } of value.matchAll(lineEnd)) {
    lines.push(slice(text, start, keepEnds ? index + end.length : index));
    start = index + end.length;
  }
  if (start < value.length) lines.push(slice(text, start));
  return lines;
}

function replace(text: Str, old: Str, made: Str, most = -1): Str {
  const value = raw(text);
  const from = raw(old);
  const limit = most < 0 ? Infinity : most;
  if (!from) {
    const characters = points(text);
    const [head, tail] = [characters.slice(0, limit), characters.slice(limit)];
    const closing = characters.length < limit ? [made] : [];
    return concat([...head.flatMap((character) => [made, character]), ...closing, ...tail]);
  }
  const parts: Str[] = [];
  let at = 0;
  for (let n = 0; n < limit; n++) {
    const next = value.indexOf(from, at);
    if (next < 0) break;
    parts.push(slice(text, at, next), inPlaceOf(made, slice(text, next, next + from.length)));
    at = next + from.length;
  }
  return concat([...parts, slice(text, at)]);
}

const hasAffix = (text: Str, affixes: Value | undefined, method: 'startswith' | 'endswith') => {
  const tests = affixes instanceof List && affixes.tuple ? affixes.items : [affixes];
  return tests.some((affix) =>
    method === 'startswith'
      ? raw(text).startsWith(string(affix, method))
      : raw(text).endsWith(string(affix, method)),
  );
};

const capitalized = (value: string) => {
  const [first = '', ...rest] = value;
  return first.toUpperCase() + rest.join('').toLowerCase();
};

const titled = (value: string) =>
  value.toLowerCase().replace(/\p{L}+/gu, (word) => {
    const [first = '', ...rest] = word;
    return first.toUpperCase() + rest.join('');
  });

const every = (pattern: RegExp) => (text: Str) => pattern.test(raw(text));

type Method = (text: Str, args: Arguments, keywords: Keywords) => Value;

/** The methods of Python's str. */
export const stringMethods: Readonly<Record<string, Method>> = {
  strip: (text, [characters]) => strip(text, 'both', characters),
  lstrip: (text, [characters]) => strip(text, 'left', characters),
  rstrip: (text, [characters]) => strip(text, 'right', characters),
  upper: (text) => transform(text, (value) => value.toUpperCase()),
  lower: (text) => transform(text, (value) => value.toLowerCase()),
  title: (text) => inPlaceOf(titled(raw(text)), text),
  capitalize: (text) => inPlaceOf(capitalized(raw(text)), text),
  split: (text, [by, most], keywords) =>
    split(text, by ?? keywords.get('sep'), integer(most ?? keywords.get('maxsplit'), 'split', -1), false),
  rsplit: (text, [by, most], keywords) =>
    split(text, by ?? keywords.get('sep'), integer(most ?? keywords.get('maxsplit'), 'rsplit', -1), true),
  splitlines: (text, [keep]) => list(splitLines(text, keep === true)),
  partition: (text, [by]) =>
    parted(text, raw(text).indexOf(string(by, 'partition')), string(by, 'partition')),
  rpartition: (text, [by]) => {
    const at = raw(text).lastIndexOf(string(by, 'rpartition'));
    return at < 0 ? new List(['', '', text], undefined, true) : parted(text, at, string(by, 'rpartition'));
  },
  startswith: (text, [affix]) => hasAffix(text, affix, 'startswith'),
  endswith: (text, [affix]) => hasAffix(text, affix, 'endswith'),
  removeprefix: (text, [affix]) =>
    hasAffix(text, affix, 'startswith') ? slice(text, string(affix, 'removeprefix').length) : text,
  removesuffix: (text, [affix]) => {
    const suffix = string(affix, 'removesuffix');
    return suffix && hasAffix(text, affix, 'endswith')
      ? slice(text, 0, raw(text).length - suffix.length)
      : text;
  },
  replace: (text, [old, made, most], keywords) => {
    if (old === undefined || made === undefined || !isText(old) || !isText(made)) {
      throw new TemplateRaised('replace() takes two texts');
    }
    return replace(text, old, made, integer(most ?? keywords.get('count'), 'replace', -1));
  },
  join: (text, [items]) => {
    const parts = iterate(items ?? null).map((item) => {
      if (isText(item)) return item;
      throw new TemplateRaised(`join() takes texts, not ${typeName(item)}`);
    });
    return join(parts, text);
  },
  find: (text, [wanted]) => place(text, raw(text).indexOf(string(wanted, 'find'))),
  rindex: (text, [wanted]) => {
    const at = place(text, raw(text).lastIndexOf(string(wanted, 'rindex')));
    if (at < 0) throw new TemplateRaised('substring not found');
    return at;
  },
  swapcase: (text) =>
    transform(text, (value) =>
      value.replace(/\p{L}/gu, (of) => (of === of.toUpperCase() ? of.toLowerCase() : of.toUpperCase())),
    ),
  casefold: (text) => transform(text, (value) => value.toLowerCase().replaceAll('ß', 'ss')),
  isascii: (text) => pointCount(raw(text)) === Buffer.byteLength(raw(text)),
  center: (text, [width, fill]) => {
    const room = missing(text, width);
    const wide = integer(width, 'center', 0);
    const before = Math.floor(room / 2) + (room & wide & 1);
    return concat([filling(fill).repeat(before), text, filling(fill).repeat(room - before)]);
  },
  format: (text, args, keywords) => braceFormat(text, args, keywords),
  rfind: (text, [wanted]) => place(text, raw(text).lastIndexOf(string(wanted, 'rfind'))),
  index: (text, [wanted]) => {
    const at = place(text, raw(text).indexOf(string(wanted, 'index')));
    if (at < 0) throw new TemplateRaised('substring not found');
    return at;
  },
  count: (text, [wanted]) => {
    const by = string(wanted, 'count');
    return by ? raw(text).split(by).length - 1 : pointCount(raw(text)) + 1;
  },
  isdigit: every(/^\p{Nd}+$/u),
  isdecimal: every(/^\p{Nd}+$/u),
  isnumeric: every(/^\p{N}+$/u),
  isalpha: every(/^\p{L}+$/u),
  isalnum: every(/^[\p{L}\p{N}]+$/u),
  isspace: (text) => raw(text) !== '' && isBlank(raw(text)),
  isupper: (text) => /\p{Lu}/u.test(raw(text)) && !/\p{Ll}/u.test(raw(text)),
  islower: (text) => /\p{Ll}/u.test(raw(text)) && !/\p{Lu}/u.test(raw(text)),
  zfill: (text, [width]) => concat(['0'.repeat(missing(text, width)), text]),
  ljust: (text, [width, fill]) => concat([text, filling(fill).repeat(missing(text, width))]),
  rjust: (text, [width, fill]) => concat([filling(fill).repeat(missing(text, width)), text]),
};

/** Of Python's str too, and of no template seen; said instead of taken for an undefined value. */
const unknownMethods = new Set(
  'encode expandtabs format_map isidentifier isprintable istitle maketrans translate'.split(' '),
);

export function stringMethod(name: string): Method | undefined {
  if (unknownMethods.has(name)) throw new TemplateUnsupported(`the text method ${name}() is not supported`);
  return Object.hasOwn(stringMethods, name) ? stringMethods[name] : undefined;
}

const filling = (fill: Value | undefined) => (fill === undefined ? ' ' : string(fill, 'ljust'));
const WIDEST = 100_000;
function missing(text: Str, width: Value | undefined): number {
  const room = Math.max(0, integer(width, 'ljust', 0) - pointCount(raw(text)));
  if (room > WIDEST) throw new TemplateRaised(`a text is padded to more than ${WIDEST}`);
  return room;
}
const place = (text: Str, at: number) => (at < 0 ? -1 : pointCount(raw(text).slice(0, at)));

function parted(text: Str, at: number, by: string): List {
  const parts = at < 0 ? [text, '', ''] : [slice(text, 0, at), by, slice(text, at + by.length)];
  return new List(parts, undefined, true);
}
