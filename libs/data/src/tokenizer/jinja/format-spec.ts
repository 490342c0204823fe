import { TemplateRaised, TemplateUnsupported } from './errors.js';
import { concat, isText, raw, slice, type Str } from './text.js';
import { Float, isNumber, numeric, pointCount, repr, str, typeName, type Value } from './values.js';

/** How a value is written into a format, of either kind. */
export interface Spec {
  readonly fill: string;
  readonly align: '<' | '>' | '^' | '=';
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly commas: boolean;
  readonly precision: number | undefined;
  readonly type: string;
}

const WIDEST = 100_000;

/** @throws TemplateRaised */
export function formatted(value: Value, spec: Spec): Str {
  const { type, precision } = spec;
  if (spec.width > WIDEST) throw new TemplateRaised(`a text is padded to more than ${WIDEST}`);
  if (type !== 's' && (precision ?? 0) > 100) throw new TemplateUnsupported('more than 100 decimal places');
  if (type === 's' || type === 'r' || (type === '' && !isNumber(value))) return textual(value, spec);
  if (type === 'c' && isText(value)) return padded(value, spec);
  if (!isNumber(value)) throw new TemplateRaised(`a number is required, not ${typeName(value)}`);
  return signed(value, spec);
}

function textual(value: Value, spec: Spec): Str {
  const { type, precision } = spec;
  const text = type === 'r' ? repr(value) : str(value);
  const cut = precision === undefined ? text : slice(text, 0, precision);
  return padded(cut, spec.align === '=' ? { ...spec, align: '>', fill: ' ' } : spec);
}

function signed(value: boolean | number | bigint | Float, spec: Spec): Str {
  const digits = digitsOf(value, spec);
  const negative = digits.startsWith('-');
  const sign = negative ? '-' : spec.sign;
  const body = negative ? digits.slice(1) : digits;
  if (spec.align !== '=') return padded(sign + body, spec);
  return sign + spec.fill.repeat(Math.max(0, spec.width - sign.length - body.length)) + body;
}

function padded(text: Str, { align, fill, width }: Spec): Str {
  const room = Math.max(0, width - pointCount(raw(text)));
  const before = align === '^' ? Math.floor(room / 2) : align === '<' ? 0 : room;
  return concat([fill.repeat(before), text, fill.repeat(room - before)]);
}

function digitsOf(value: boolean | number | bigint | Float, spec: Spec): string {
  const number = numeric(value);
  const { type, precision = 6 } = spec;
  const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(number));
  switch (type) {
    case '':
      return grouped(raw(str(value)), spec);
    case 'd':
      return grouped(String(whole), spec);
    case 'f':
    case 'F':
      return grouped(fixed(number, precision), spec);
    case '%':
      return `${fixed(number * 100, precision)}%`;
    case 'e':
      return exponent(number.toExponential(precision));
    case 'E':
      return exponent(number.toExponential(precision)).toUpperCase();
    case 'g':
    case 'G':
      return general(number, Math.max(1, precision));
  }
  const radix = radixes[type];
  if (!radix) throw new TemplateUnsupported(`the format type ${type}`);
  if (value instanceof Float) throw new TemplateRaised('an integer is required, not float');
  return inRadix(whole, radix, spec);
}

const radixes: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 };

function inRadix(whole: bigint, radix: number, { type, alternate }: Spec): string {
  const text = whole.toString(radix);
  const prefix = alternate ? `0${type}` : '';
  const made = whole < 0n ? `-${prefix}${text.slice(1)}` : prefix + text;
  return type === 'X' ? made.toUpperCase() : made;
}

/** Python rounds a half to the even digit; so many places are exact. */
function fixed(number: number, places: number): string {
  const rounded = number.toFixed(places);
  const exact = number.toFixed(100).replace(/0+$/, '');
  const half = exact.length === exact.indexOf('.') + places + 2 && exact.endsWith('5');
  const odd = /[13579]$/.test(rounded);
  // Away from zero is where toFixed() goes.
  return half && odd && places <= 99 ? exact.slice(0, -1).replace(/\.$/, '') : rounded;
}

/** Python writes two digits of an exponent at least. */
const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2');

function general(number: number, precision: number): string {
  const power = number === 0 ? 0 : Number(number.toExponential(precision - 1).split('e')[1]);
  const short = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < precision) return short(number.toFixed(precision - 1 - power));
  const [digits = '', of = ''] = number.toExponential(precision - 1).split('e');
  return exponent(`${short(digits)}e${of}`);
}

const grouped = (digits: string, { commas }: Spec): string =>
  commas ? digits.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ',')) : digits;
