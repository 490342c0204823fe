import { TemplateRaised } from './errors.js';
import { pairs } from './attributes.js';
import { isText, raw } from './text.js';
import {
  Callable,
  Dict,
  iterate,
  List,
  Namespace,
  str,
  typeName,
  Undefined,
  type Arguments,
  type Keywords,
  type Value,
} from './values.js';

/** The sandbox of Jinja2 takes no longer range. */
const MAX_RANGE = 100_000;

function range(args: Arguments): List {
  const numbers = args.map((arg) => {
    if (typeof arg === 'number' || typeof arg === 'boolean') return Number(arg);
    if (arg instanceof Undefined) return arg.raise();
    throw new TemplateRaised(`range() takes integers, not ${typeName(arg)}`);
  });
  const [start, stop] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0] ?? 0, numbers[1] ?? 0];
  const step = numbers[2] ?? 1;
  if (step === 0) throw new TemplateRaised('range() arg 3 must not be zero');
  const size = Math.max(0, Math.ceil((stop - start) / step));
  if (size > MAX_RANGE)
    throw new TemplateRaised(`Range too big. The sandbox blocks ranges larger than ${MAX_RANGE}.`);
  return new List(Array.from({ length: size }, (_, i) => start + i * step));
}

function entriesOf([from]: Arguments, keywords: Keywords): Map<string, Value> {
  const given = from instanceof Dict ? pairs(from) : (from ?? new List([]));
  const entries = iterate(given).map((pair): [string, Value] => {
    const [key = null, value = null] = iterate(pair);
    if (!isText(key)) throw new TemplateRaised('a key is not a text');
    return [raw(key), value];
  });
  return new Map([...entries, ...keywords]);
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** strftime() in the C locale, of a time without a zone (here written as UTC). */
function strftime(time: Date, format: string): string {
  const two = (value: number, fill = '0') => String(value).padStart(2, fill);
  const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()];
  const [hour, minute, second] = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()];
  const [monthName, dayName] = [MONTHS[month]!, DAYS[time.getUTCDay()]!];
  const dayOfYear = Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  const hour12 = hour % 12 || 12;
  const clock = `${two(hour)}:${two(minute)}:${two(second)}`;
  const parts: Readonly<Record<string, string>> = {
    Y: String(year),
    y: two(year % 100),
    m: two(month + 1),
    B: monthName,
    b: monthName.slice(0, 3),
    h: monthName.slice(0, 3),
    d: two(day),
    e: two(day, ' '),
    j: String(dayOfYear).padStart(3, '0'),
    A: dayName,
    a: dayName.slice(0, 3),
    u: String(time.getUTCDay() || 7),
    w: String(time.getUTCDay()),
    H: two(hour),
    I: two(hour12),
    M: two(minute),
    S: two(second),
    f: '000000',
    p: hour < 12 ? 'AM' : 'PM',
    F: `${year}-${two(month + 1)}-${two(day)}`,
    T: clock,
    X: clock,
    R: `${two(hour)}:${two(minute)}`,
    D: `${two(month + 1)}/${two(day)}/${two(year % 100)}`,
    x: `${two(month + 1)}/${two(day)}/${two(year % 100)}`,
    c: `${dayName.slice(0, 3)} ${monthName.slice(0, 3)} ${two(day, ' ')} ${clock} ${year}`,
    Z: '',
    z: '',
    n: '\n',
    t: '\t',
    '%': '%',
  };
  return format.replace(/%(-?)([a-zA-Z%])/g, (directive, bare: string, letter: string) => {
    const made = parts[letter];
    if (made === undefined) return directive;
    return bare ? made.replace(/^[0 ]+(?=\d)/, '') : made;
  });
}

/** What every template of transformers can call. `now`: where the clock stands. */
export function globalsOf(now: Date): Map<string, Value> {
  return new Map<string, Value>([
    ['range', new Callable(range)],
    ['namespace', new Callable((args, keywords) => new Namespace(entriesOf(args, keywords)))],
    ['dict', new Callable((args, keywords) => new Dict(entriesOf(args, keywords)))],
    [
      'raise_exception',
      new Callable(([message = '']) => {
        throw new TemplateRaised(raw(str(message)));
      }),
    ],
    [
      'strftime_now',
      new Callable(([format = null]) => {
        if (isText(format)) return strftime(now, raw(format));
        throw new TemplateRaised(`strftime() takes a text, not ${typeName(format)}`);
      }),
    ],
  ]);
}
