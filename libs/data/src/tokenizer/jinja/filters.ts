import { item, pairs, sliced } from './attributes.js';
import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { percentFormat } from './formats.js';
import { splitLines, stringMethods, strip } from './string-methods.js';
import { concat, inPlaceOf, isText, join, raw, safe, slice, type Str } from './text.js';
import { applyTest } from './tests.js';
import {
  compare,
  Dict,
  equal,
  Float,
  Group,
  isNumber,
  iterate,
  length,
  List,
  numeric,
  Once,
  str,
  toJson,
  truthy,
  tupleOf,
  typeName,
  Undefined,
  type Arguments,
  type JsonOptions,
  type Keywords,
  type Value,
} from './values.js';

type Filter = (value: Value, args: Arguments, keywords: Keywords) => Value;

/** A parameter by place or by name. */
const given = (args: Arguments, keywords: Keywords, place: number, name: string): Value | undefined =>
  args[place] ?? keywords.get(name);

const number = (value: Value | undefined, otherwise: number) =>
  value !== undefined && isNumber(value) ? numeric(value) : otherwise;

const WIDEST = 100_000;
function spaces(count: number): string {
  if (count > WIDEST) throw new TemplateRaised(`a text is indented by more than ${WIDEST}`);
  return ' '.repeat(Math.max(0, count));
}

/** `a.b.0` of an item, as filters take it. */
function path(value: Value, attribute: Value | undefined): Value {
  if (attribute === undefined || attribute === null) return value;
  if (!isText(attribute)) return item(value, attribute);
  return raw(attribute)
    .split('.')
    .reduce((at, part) => item(at, /^\d+$/.test(part) ? Number(part) : part), value);
}

const folded = (value: Value, caseSensitive: boolean): Value =>
  isText(value) && !caseSensitive ? raw(value).toLowerCase() : value;

function sorted(items: readonly Value[], key: (item: Value) => Value, reverse: boolean): Value[] {
  const keyed = items.map((entry) => ({ entry, key: key(entry) }));
  // Stable in both directions, as Python's.
  keyed.sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)));
  return keyed.map(({ entry }) => entry);
}

/** Those filters that Jinja2 ends at once for what is false: None has no items. */
const itemsOf = (value: Value) => (truthy(value) ? iterate(value) : []);

const chosen =
  (wanted: boolean, ofAttribute: boolean): Filter =>
  (value, args) => {
    const [attribute, rest] = ofAttribute ? [args[0], args.slice(1)] : [undefined, args];
    const [name, ...of] = rest;
    const test = (entry: Value) =>
      name === undefined ? truthy(entry) : applyTest(raw(str(name)), entry, of);
    return new Once(itemsOf(value).filter((entry) => test(path(entry, attribute)) === wanted));
  };

function jsonOptions(args: Arguments, keywords: Keywords): JsonOptions {
  const indent = given(args, keywords, 1, 'indent');
  const separators = given(args, keywords, 2, 'separators');
  const own = separators instanceof List ? separators.items.map((part) => raw(str(part))) : undefined;
  const step =
    typeof indent === 'number' ? spaces(indent) : isText(indent ?? null) ? raw(indent as Str) : undefined;
  return {
    indent: step,
    ensureAscii: truthy(given(args, keywords, 0, 'ensure_ascii') ?? false),
    separators: [own?.[0] ?? (step === undefined ? ', ' : ','), own?.[1] ?? ': '],
    sortKeys: truthy(given(args, keywords, 3, 'sort_keys') ?? false),
  };
}

function indented(value: Value, args: Arguments, keywords: Keywords): Str {
  const width = given(args, keywords, 0, 'width') ?? 4;
  const by = isText(width) ? width : spaces(number(width, 4));
  const first = truthy(given(args, keywords, 1, 'first') ?? false);
  const blank = truthy(given(args, keywords, 2, 'blank') ?? false);
  const lines = splitLines(concat([str(value), '\n']));
  return join(
    lines.map((line, i) => ((i ? blank || raw(line) : first) ? concat([by, line]) : line)),
    '\n',
  );
}

function integer(value: Value, otherwise: Value): Value {
  if (value instanceof Undefined) return value.raise();
  if (isNumber(value)) return typeof value === 'bigint' ? value : Math.trunc(numeric(value));
  if (!isText(value)) return otherwise;
  const text = raw(strip(value, 'both')).replace(/(?<=\d)_(?=\d)/g, '');
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  const float = Number(text);
  return text && Number.isFinite(float) ? Math.trunc(float) : otherwise;
}

function float(value: Value, otherwise: Value): Value {
  if (value instanceof Undefined) return value.raise();
  const made = isNumber(value) ? numeric(value) : isText(value) ? Number(raw(value) || NaN) : NaN;
  return Number.isNaN(made) ? otherwise : new Float(made);
}

function rounded(value: Value, args: Arguments, keywords: Keywords): Value {
  const precision = 10 ** number(given(args, keywords, 0, 'precision'), 0);
  const method = raw(str(given(args, keywords, 1, 'method') ?? 'common'));
  if (!isNumber(value)) throw new TemplateRaised(`type ${typeName(value)} cannot be rounded`);
  const scaled = numeric(value) * precision;
  // Python rounds halves to even.
  const even = Math.abs(scaled % 1) === 0.5 ? 2 * Math.round(scaled / 2) : Math.round(scaled);
  const made = { ceil: Math.ceil(scaled), floor: Math.floor(scaled) }[method] ?? even;
  return new Float(made / precision);
}

const mapped: Filter = (value, args, keywords) => {
  const attribute = keywords.get('attribute');
  const otherwise = keywords.get('default');
  const entries = itemsOf(value);
  if (attribute !== undefined) {
    const found = entries.map((entry) => path(entry, attribute));
    return new Once(
      found.map((entry) => (entry instanceof Undefined && otherwise !== undefined ? otherwise : entry)),
    );
  }
  const [name, ...rest] = args;
  return new Once(entries.map((entry) => applyFilter(raw(str(name ?? '')), entry, rest, keywords)));
};

const titleWords = (value: string) =>
  value
    .split(/([-\s({[<]+)/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('');

const extreme =
  (sign: 1 | -1): Filter =>
  (value, args, keywords) => {
    const caseSensitive = truthy(given(args, keywords, 0, 'case_sensitive') ?? false);
    const key = (entry: Value) => folded(path(entry, keywords.get('attribute')), caseSensitive);
    const entries = iterate(value);
    if (!entries.length) return new Undefined('the aggregate of an empty sequence');
    return entries.reduce((best, entry) => (sign * compare(key(entry), key(best)) > 0 ? entry : best));
  };

function lastOf(value: Value): Value | undefined {
  if (value instanceof Once) throw new TemplateRaised("'generator' object is not reversible");
  return iterate(value).at(-1);
}

const filters: Readonly<Record<string, Filter>> = {
  safe: (value) => safe(str(value)),
  string: (value) => str(value),
  list: (value) => new List(iterate(value)),
  first: (value) => iterate(value)[0] ?? new Undefined('the first item of an empty sequence'),
  last: (value) => lastOf(value) ?? new Undefined('the last item of an empty sequence'),
  length: (value) => length(value),
  count: (value) => length(value),
  reverse: (value) =>
    isText(value)
      ? concat([...(iterate(value) as Str[])].reverse())
      : new Once([...iterate(value)].reverse()),
  sort: (value, args, keywords) => {
    const caseSensitive = truthy(given(args, keywords, 1, 'case_sensitive') ?? false);
    const attribute = given(args, keywords, 2, 'attribute');
    // By several attributes: `role,name`.
    const paths = isText(attribute ?? null) ? raw(attribute as Str).split(',') : [attribute];
    const key = (entry: Value) => new List(paths.map((at) => folded(path(entry, at), caseSensitive)));
    return new List(sorted(iterate(value), key, truthy(given(args, keywords, 0, 'reverse') ?? false)));
  },
  dictsort: (value, args, keywords) => {
    if (!(value instanceof Dict)) throw new TemplateRaised(`'${typeName(value)}' object has no items`);
    const caseSensitive = truthy(given(args, keywords, 0, 'case_sensitive') ?? false);
    const at = raw(str(given(args, keywords, 1, 'by') ?? 'key')) === 'value' ? 1 : 0;
    const key = (entry: Value) => folded((entry as List).items[at]!, caseSensitive);
    return new List(sorted(pairs(value).items, key, truthy(given(args, keywords, 2, 'reverse') ?? false)));
  },
  items: (value) => {
    if (value instanceof Undefined) return new Once([]);
    if (value instanceof Dict) return new Once(pairs(value).items);
    throw new TemplateRaised(`Can only get item pairs from a mapping, not from ${typeName(value)}`);
  },
  unique: (value, args, keywords) => {
    const caseSensitive = truthy(given(args, keywords, 0, 'case_sensitive') ?? false);
    const key = (entry: Value) => folded(path(entry, keywords.get('attribute')), caseSensitive);
    const seen: Value[] = [];
    return new Once(
      iterate(value).filter((entry) => {
        if (seen.some((known) => equal(known, key(entry)))) return false;
        seen.push(key(entry));
        return true;
      }),
    );
  },
  join: (value, args, keywords) => {
    const attribute = given(args, keywords, 1, 'attribute');
    const separator = str(given(args, keywords, 0, 'd') ?? '');
    return join(
      iterate(value).map((entry) => str(path(entry, attribute))),
      separator,
    );
  },
  map: mapped,
  select: chosen(true, false),
  reject: chosen(false, false),
  selectattr: chosen(true, true),
  rejectattr: chosen(false, true),
  sum: (value, args, keywords) => {
    const total = iterate(value).map((entry) => path(entry, given(args, keywords, 0, 'attribute')));
    if (!total.every(isNumber)) throw new TemplateRaised('sum() takes numbers');
    const sum = total.reduce<number>((a, b) => a + numeric(b), number(given(args, keywords, 1, 'start'), 0));
    return total.some((part) => part instanceof Float) ? new Float(sum) : sum;
  },
  max: extreme(1),
  min: extreme(-1),
  abs: (value) => {
    if (!isNumber(value)) throw new TemplateRaised(`bad operand type for abs(): '${typeName(value)}'`);
    return value instanceof Float ? new Float(Math.abs(value.value)) : Math.abs(numeric(value));
  },
  int: (value, args, keywords) => integer(value, given(args, keywords, 0, 'default') ?? 0),
  float: (value, args, keywords) => float(value, given(args, keywords, 0, 'default') ?? new Float(0)),
  round: rounded,
  default: (value, args, keywords) => {
    const falsy = truthy(given(args, keywords, 1, 'boolean') ?? false) && !truthy(value);
    return value instanceof Undefined || falsy ? (given(args, keywords, 0, 'default_value') ?? '') : value;
  },
  tojson: (value, args, keywords) => toJson(value, jsonOptions(args, keywords)),
  trim: (value, args, keywords) => strip(str(value), 'both', given(args, keywords, 0, 'chars')),
  indent: indented,
  upper: (value) => stringMethods.upper!(str(value), [], new Map()),
  lower: (value) => stringMethods.lower!(str(value), [], new Map()),
  capitalize: (value) => stringMethods.capitalize!(str(value), [], new Map()),
  title: (value) => inPlaceOf(titleWords(raw(str(value))), str(value)),
  replace: (value, args, keywords) => {
    const [old, made, most] = ['old', 'new', 'count'].map((name, i) => given(args, keywords, i, name));
    return stringMethods.replace!(str(value), [str(old ?? ''), str(made ?? ''), most ?? -1], new Map());
  },
  format: (value, args, keywords) => {
    if (args.length && keywords.size)
      throw new TemplateRaised("can't handle positional and keyword arguments");
    return percentFormat(str(value), keywords.size ? new Dict(keywords) : tupleOf(args));
  },
  center: (value, args, keywords) =>
    stringMethods.center!(str(value), [given(args, keywords, 0, 'width') ?? 80], new Map()),
  truncate: (value, args, keywords) => {
    const text = str(value);
    const most = number(given(args, keywords, 0, 'length'), 255);
    const end = str(given(args, keywords, 2, 'end') ?? '...');
    if (length(text) <= most + number(given(args, keywords, 3, 'leeway'), 5)) return text;
    const cut = sliced(text, [0, Math.max(0, most - length(end)), undefined]) as Str;
    if (truthy(given(args, keywords, 1, 'killwords') ?? false)) return concat([cut, end]);
    const space = raw(cut).lastIndexOf(' ');
    return concat([space < 0 ? cut : slice(cut, 0, space), end]);
  },
  wordcount: (value) => raw(str(value)).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  batch: (value, args, keywords) => {
    const size = number(given(args, keywords, 0, 'linecount'), 1);
    if (!Number.isInteger(size) || size < 1) throw new TemplateRaised(`batch() by ${size}`);
    const entries = iterate(value);
    if (size > WIDEST) throw new TemplateRaised(`a batch is longer than ${WIDEST}`);
    const rows = Array.from({ length: Math.ceil(entries.length / size) }, (_, i) =>
      entries.slice(i * size, (i + 1) * size),
    );
    const fill = given(args, keywords, 1, 'fill_with');
    return new Once(
      rows.map(
        (row) => new List(fill === undefined ? row : [...row, ...Array<Value>(size - row.length).fill(fill)]),
      ),
    );
  },
  groupby: (value, args, keywords) => {
    const attribute = given(args, keywords, 0, 'attribute');
    const otherwise = given(args, keywords, 1, 'default');
    const key = (entry: Value) => {
      const found = path(entry, attribute);
      return found instanceof Undefined && otherwise !== undefined ? otherwise : found;
    };
    const groups: { key: Value; items: Value[] }[] = [];
    for (const entry of sorted(iterate(value), (of) => folded(key(of), false), false)) {
      const last = groups.at(-1);
      if (last && equal(folded(last.key, false), folded(key(entry), false))) last.items.push(entry);
      else groups.push({ key: key(entry), items: [entry] });
    }
    return new List(groups.map((group) => new Group(group.key, new List(group.items))));
  },
};

const aliases: Readonly<Record<string, string>> = { d: 'default' };

export const filterNames = Object.keys(filters);

/** Jinja2's filters, as transformers has them. @throws TemplateUnsupported for one that is not here */
export function applyFilter(name: string, value: Value, args: Arguments, keywords: Keywords): Value {
  const known = aliases[name] ?? name;
  if (!Object.hasOwn(filters, known)) throw new TemplateUnsupported(`the filter ${name} is not supported`);
  return filters[known]!(value, args, keywords);
}
