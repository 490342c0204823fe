import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { attribute, item } from './attributes.js';
import { formatted, type Spec } from './format-spec.js';
import { concat, raw, slice, type Str } from './text.js';
import {
  Dict,
  Float,
  isNumber,
  List,
  repr,
  str,
  type Arguments,
  type Keywords,
  type Value,
} from './values.js';

/** `'%s: %05.2f' % (a, b)`, and with `%(name)s` of a dictionary (Python's printf-style formatting). */
export function percentFormat(format: Str, value: Value): Str {
  const values = value instanceof List && value.tuple ? [...value.items] : [value];
  const named = value instanceof Dict;
  const form = /%(?:\((\w+)\))?([-+ 0#]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g;
  const parts: Str[] = [];
  let at = 0;
  let taken = 0;
  for (const match of raw(format).matchAll(form)) {
    const [whole, name, flags = '', width = '', precision, type = ''] = match;
    parts.push(literal(slice(format, at, match.index)));
    at = match.index + whole.length;
    if (type === '%') {
      parts.push('%');
      continue;
    }
    if (name === undefined && taken >= values.length) {
      throw new TemplateRaised('not enough arguments for format string');
    }
    const given = name === undefined ? values[taken++]! : item(value, name);
    parts.push(
      formatted(given, { ...flagged(flags), ...sized(width, precision), type: printfTypes[type] ?? type }),
    );
  }
  if (!named && taken < values.length) {
    throw new TemplateRaised('not all arguments converted during string formatting');
  }
  return concat([...parts, literal(slice(format, at))]);
}

const printfTypes: Readonly<Record<string, string>> = { i: 'd', u: 'd' };

function flagged(flags: string): Pick<Spec, 'fill' | 'align' | 'sign' | 'alternate' | 'commas'> {
  const zeros = flags.includes('0') && !flags.includes('-');
  return {
    fill: zeros ? '0' : ' ',
    align: flags.includes('-') ? '<' : zeros ? '=' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    alternate: flags.includes('#'),
    commas: false,
  };
}

const sized = (width: string, precision: string | undefined): Pick<Spec, 'width' | 'precision'> => ({
  width: Number(width),
  precision: precision === undefined ? undefined : Number(precision),
});

function literal(text: Str): Str {
  if (raw(text).includes('%')) throw new TemplateUnsupported(`the format ${raw(text).slice(0, 40)}`);
  return text;
}

/** `'{} {0.name} {x:>5}'.format(…)` (Python's format string syntax). */
export function braceFormat(format: Str, args: Arguments, keywords: Keywords): Str {
  const form = /\{\{|\}\}|\{([^{}:!]*)(?:!([rsa]))?(?::([^{}]*))?\}/g;
  const parts: Str[] = [];
  let at = 0;
  let next = 0;
  for (const match of raw(format).matchAll(form)) {
    const [whole, field, conversion, spec = ''] = match;
    parts.push(bare(slice(format, at, match.index)));
    at = match.index + whole.length;
    if (field === undefined) {
      parts.push(whole[0]!);
      continue;
    }
    const found = valueOf(field, () => String(next++), args, keywords);
    const value = conversion === 'r' ? repr(found) : conversion === 's' ? str(found) : found;
    parts.push(formatted(value, specOf(spec, value)));
  }
  return concat([...parts, bare(slice(format, at))]);
}

function bare(text: Str): Str {
  if (/[{}]/.test(raw(text))) throw new TemplateUnsupported(`the format ${raw(text).slice(0, 40)}`);
  return text;
}

/** `name`, `0.name`, `x[key]`. */
function valueOf(field: string, next: () => string, args: Arguments, keywords: Keywords): Value {
  const [, first = '', path = ''] = /^([^.[]*)(.*)$/.exec(field) ?? [];
  const name = first || next();
  const value = /^\d+$/.test(name) ? args[Number(name)] : keywords.get(name);
  if (value === undefined) throw new TemplateRaised(`the format's field ${name} has no value`);
  let at = value;
  for (const [, dotted, key] of path.matchAll(/\.(\w+)|\[([^\]]*)\]/g)) {
    at = dotted === undefined ? item(at, /^\d+$/.test(key!) ? Number(key) : key!) : attribute(at, dotted);
  }
  return at;
}

function specOf(text: string, value: Value): Spec {
  const match = /^(?:(.)?([<>^=]))?([-+ ])?(#)?(0)?(\d*)([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su.exec(
    text,
  );
  if (!match || match[7] === '_') throw new TemplateUnsupported(`the format ${text.slice(0, 40)}`);
  const [, fill, align, sign = '', alternate, zero, width = '', commas, precision, type] = match;
  const isNumeric = isNumber(value) && typeof value !== 'boolean';
  return {
    fill: fill ?? (zero ? '0' : ' '),
    align: (align as Spec['align'] | undefined) ?? (zero ? '=' : isNumeric ? '>' : '<'),
    sign: sign === '-' ? '' : sign,
    alternate: alternate !== undefined,
    commas: commas !== undefined,
    ...sized(width, precision),
    type: type ?? (isNumeric ? typeOfNumber(value, precision) : 's'),
  };
}

const typeOfNumber = (value: Value, precision: string | undefined) =>
  value instanceof Float && precision !== undefined ? 'g' : '';
