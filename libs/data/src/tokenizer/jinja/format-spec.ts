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
  if (type === 's' || type === 'r' || (type === '' && !isNumber(value))) {
    const text = type === 'r' ? repr(value) : str(value);
    const cut = precision === undefined ? text : slice(text, 0, precision);
    return padded(cut, spec.align === '=' ? { ...spec, align: '>', fill: ' ' } : spec);
  }
  if (type === 'c' && isText(value)) return padded(value, spec);
  if (!isNumber(value)) throw new TemplateRaised(`a number is required, not ${typeName(value)}`);
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
  const radix = { b: 2, o: 8, x: 16, X: 16 }[type];
  if (radix) {
    if (value instanceof Float) throw new TemplateRaised('an integer is required, not float');
    const text = whole.toString(radix);
    const prefix = spec.alternate ? `0${type}` : '';
    const made = whole < 0n ? `-${prefix}${text.slice(1)}` : prefix + text;
    return type === 'X' ? made.toUpperCase() : made;
  }
  if (type === 'd') return grouped(String(whole), spec);
  if (type === '') return grouped(raw(str(value)), spec);
  if (type === 'f' || type === 'F') return grouped(fixed(number, precision), spec);
  if (type === '%') return `${fixed(number * 100, precision)}%`;
  if (type === 'e' || type === 'E') {
    const made = exponent(number.toExponential(precision));
    return type === 'E' ? made.toUpperCase() : made;
  }
  if (type !== 'g' && type !== 'G') throw new TemplateUnsupported(`the format type ${type}`);
  return general(number, Math.max(1, precision));
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
