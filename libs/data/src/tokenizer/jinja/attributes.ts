import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { concat, isText, raw, type Str } from './text.js';
import { stringMethod } from './string-methods.js';
import {
  Callable,
  Dict,
  equal,
  Group,
  keyOf,
  List,
  Namespace,
  points,
  tupleOf,
  typeName,
  Undefined,
  type Arguments,
  type Value,
} from './values.js';

/** `value.name`: a method or attribute, else an item. */
export function attribute(value: Value, name: string): Value {
  if (value instanceof Undefined) return value.raise();
  return (
    method(value, name) ?? member(value, name) ?? new Undefined(`'${typeName(value)}' has no '${name}': it`)
  );
}

/** `value[key]`: an item, else a method or attribute. */
export function item(value: Value, key: Value): Value {
  if (value instanceof Undefined) return value.raise();
  if (isText(key)) {
    const name = raw(key);
    const found = member(value, name) ?? method(value, name);
    return found ?? new Undefined(`'${typeName(value)}' has no '${name}': it`);
  }
  if (typeof key === 'number' || typeof key === 'boolean') {
    if (value instanceof Dict) return value.entries.get(key) ?? new Undefined(`the item ${key}`);
    const items = value instanceof List ? value.items : isText(value) ? points(value) : [];
    return items.at(Number(key)) ?? new Undefined(`item ${Number(key)}`);
  }
  return new Undefined('the item');
}

function member(value: Value, name: string): Value | undefined {
  if (value instanceof Dict) return value.entries.get(name);
  if (value instanceof Namespace) return value.get(name);
  if (value instanceof Group && (name === 'grouper' || name === 'list')) return value[name];
  // `list.0`
  return value instanceof List && /^\d+$/.test(name) ? value.items[Number(name)] : undefined;
}

function method(value: Value, name: string): Value | undefined {
  if (isText(value)) {
    const found = stringMethod(name);
    return found && new Callable((args, keywords) => found(value, args, keywords));
  }
  if (value instanceof Dict) return dictMethod(value, name);
  if (value instanceof Callable && macroFields.has(name)) {
    throw new TemplateUnsupported(`.${name} of a macro is not supported`);
  }
  return value instanceof List ? listMethod(value, name) : undefined;
}

const macroFields = new Set(['name', 'arguments', 'catch_kwargs', 'catch_varargs', 'caller']);

const changing = new Set(
  'append extend insert pop remove clear sort reverse update setdefault popitem'.split(' '),
);

/** transformers renders in an immutable sandbox. */
const refused = (name: string) =>
  new Callable(() => {
    throw new TemplateRaised(`a template may not change what it is given: .${name}() is not allowed`);
  });

export const pairs = (dict: Dict): List =>
  new List(dict.keys().map((key) => tupleOf([key, dict.entries.get(keyOf(key))!])));

function dictMethod(dict: Dict, name: string): Value | undefined {
  const methods: Record<string, (args: Arguments) => Value> = {
    items: () => pairs(dict),
    keys: () => new List(dict.keys()),
    values: () => new List([...dict.entries.values()]),
    get: ([key = null, otherwise = null]) => {
      const found = dict.entries.get(keyOf(key));
      return found === undefined ? otherwise : found;
    },
    copy: () => new Dict(dict.entries, dict.leaf),
  };
  if (Object.hasOwn(methods, name)) return new Callable(methods[name]!);
  return changing.has(name) && !['append', 'extend', 'insert', 'remove', 'sort', 'reverse'].includes(name)
    ? refused(name)
    : undefined;
}

function listMethod(list: List, name: string): Value | undefined {
  if (name === 'index') {
    return new Callable(([wanted]) => {
      const at = list.items.findIndex((entry) => equal(entry, wanted ?? null));
      if (at < 0) throw new TemplateRaised('is not in list');
      return at;
    });
  }
  if (name === 'count') {
    return new Callable(([wanted]) => list.items.filter((entry) => equal(entry, wanted ?? null)).length);
  }
  if (name === 'copy') return new Callable(() => new List(list.items));
  return changing.has(name) && !['update', 'setdefault', 'popitem'].includes(name)
    ? refused(name)
    : undefined;
}

/** Python's slices; of a text by code points. */
export function sliced(value: Value, bounds: readonly (Value | undefined)[]): Value {
  if (value instanceof Undefined) return value.raise();
  const [start, stop, step = 1] = bounds.map(bound);
  if (step === 0) throw new TemplateRaised('slice step cannot be zero');
  if (!(value instanceof List) && !isText(value)) return new Undefined('the slice');
  const items: readonly Value[] = value instanceof List ? value.items : points(value);
  const [low, high] = step > 0 ? [0, items.length] : [-1, items.length - 1];
  const place = (at: number | undefined, otherwise: number) =>
    at === undefined ? otherwise : Math.min(high, Math.max(low, at < 0 ? at + items.length : at));
  const from = place(start, step > 0 ? low : high);
  const to = place(stop, step > 0 ? high : low);
  const taken: Value[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) taken.push(items[at]!);
  return value instanceof List ? new List(taken, undefined, value.tuple) : concat(taken as Str[]);
}

function bound(value: Value | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  if (value instanceof Undefined) return value.raise();
  throw new TemplateUnsupported(`a slice by ${typeName(value)}`);
}
