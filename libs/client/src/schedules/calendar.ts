import { DAYS_OF_WEEK, MONTHS, type CalendarSpec } from '@temporalio/client';
import { nearest, type Problem } from '@temper/contracts';
import { fields, spansOf, type FieldName, type Span } from './fields.js';
import { hasDay, NEVER } from './matching.js';

/** As in `temporal schedule create --calendar`: text, or a number. */
export type CalendarFields = Readonly<Record<string, string | number>>;

const path = '--calendar';
const names = Object.keys(fields) as FieldName[];
const allowed = `${names.join(', ')}, comment`;

/** `{"hour":3,"dayOfWeek":"Mon-Fri"}` or `hour=3 dayOfWeek=Mon-Fri`. What is not given: second, minute and hour 0, the rest every. */
export function compileCalendar(given: string | CalendarFields, problems: Problem[]): CalendarSpec {
  const wanted = typeof given === 'string' ? fieldsOf(given) : given;
  if (!wanted || !Object.keys(wanted).length) {
    const form = '{"hour":3,"dayOfWeek":"Mon-Fri"} or "hour=3 dayOfWeek=Mon-Fri"';
    problems.push({ path, message: 'not a calendar', found: String(given), allowed: form });
    return {};
  }
  const calendar: Record<string, unknown> = {};
  const ranges: Partial<Record<FieldName, Span[]>> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const name = names.find((n) => n === key);
    if (key === 'comment') continue;
    if (!name) {
      const close = nearest(key, names);
      const hint = close ? { hint: `did you mean ${close}?` } : {};
      problems.push({ path, message: 'unknown field', found: key, allowed, ...hint });
      continue;
    }
    const spans = spansOf(name, String(value));
    if (typeof spans === 'string')
      problems.push({ path: `${path} ${name}`, message: spans, found: String(value) });
    else {
      ranges[name] = spans;
      calendar[name] = spans.flatMap((span) => rangesOf(name, span));
    }
  }
  if (!hasDay(ranges)) problems.push({ path, message: NEVER, found: wordsOf(wanted) });
  // The server keeps the comment: it is how the times are shown again in the words that they were given in.
  return { ...calendar, comment: String(wanted.comment ?? `calendar ${wordsOf(wanted)}`) };
}

const wordsOf = (wanted: CalendarFields) =>
  Object.entries(wanted)
    .map(([key, value]) => `${key}=${String(value).replaceAll(' ', '')}`)
    .join(' ');

function fieldsOf(text: string): CalendarFields | undefined {
  if (!text.trim().startsWith('{')) {
    const pairs = text.trim().split(/\s+/);
    return pairs.every((pair) => /^\w+=\S+$/.test(pair))
      ? Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]))
      : undefined;
  }
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const simple = Object.values(value).every((v) => typeof v === 'string' || typeof v === 'number');
    return simple ? (value as CalendarFields) : undefined;
  } catch {
    return undefined;
  }
}

/** In the SDK's form: months and days by name, and the end always given. */
function rangesOf(name: FieldName, { start, end, step }: Span) {
  const range = (from: number, to: number) => {
    const value = (n: number) =>
      name === 'month' ? MONTHS[n - 1] : name === 'dayOfWeek' ? DAYS_OF_WEEK[n] : n;
    return { start: value(from), end: value(to), step };
  };
  if (name !== 'dayOfWeek' || end < 7) return [range(start, end)];
  // The second Sunday is the first one.
  const sunday = (7 - start) % step ? [] : [range(0, 0)];
  return start === 7 ? sunday : [range(start, 6), ...sunday];
}
