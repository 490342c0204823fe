import type { Problem } from '@temper/contracts';
import { parseDuration } from './duration.js';
import { spansOf, type FieldName, type Span } from './fields.js';
import { hasDay, NEVER, type Ranges } from './matching.js';

const five: FieldName[] = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'];
const forms: Readonly<Record<number, FieldName[]>> = {
  5: five,
  6: [...five, 'year'],
  7: ['second', ...five, 'year'],
};
const shorthands = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Checks an expression as the server will read it; answers it with its own text as the comment that the server keeps. */
export function compileCron(expression: string, timezone: string | undefined, problems: Problem[]): string {
  const path = '--cron';
  const bare = expression.replace(/#.*$/, '').trim();
  const zoned = /^(?:CRON_)?TZ=(\S+)\s+/.exec(bare);
  const add = (message: string, more: Partial<Problem> = {}) =>
    problems.push({ path, message, found: expression, ...more });
  if (zoned && timezone) add('names a time zone, and so does --timezone', { allowed: 'one of them' });
  for (const message of mistakes(zoned ? bare.slice(zoned[0].length) : bare)) add(message, { allowed: form });
  return `${bare} # cron ${bare}`;
}

const form = 'minute hour day month weekday, e.g. "0 3 * * Mon-Fri", or @daily and the like';

function mistakes(text: string): string[] {
  if (text.startsWith('@every ')) {
    const parts = text.slice('@every '.length).split('/').map(parseDuration);
    return parts.length <= 2 && parts.every((d) => d !== undefined) ? [] : ['not a duration'];
  }
  if (text.startsWith('@')) return shorthands.includes(text) ? [] : ['no such shorthand'];
  const parts = text.split(/\s+/);
  const names = forms[parts.length];
  if (!names) return [`a cron expression has 5 fields (or 6 with the year, 7 with seconds and year)`];
  const spans = parts.map((part, i) => spansOf(names[i]!, part));
  const wrong = spans.filter((s) => typeof s === 'string');
  if (wrong.length) return wrong;
  const ranges: Ranges = Object.fromEntries(spans.map((s, i) => [names[i]!, s as Span[]]));
  return comes(ranges, parts[names.indexOf('dayOfWeek')]!) ? [] : [NEVER];
}

/** Where both days are restricted, one of them suffices (crontab(5)). */
function comes(ranges: Ranges, dayOfWeek: string): boolean {
  if (hasDay(ranges)) return true;
  const { dayOfMonth: _, ...byWeekday } = ranges;
  return !dayOfWeek.startsWith('*') && hasDay(byWeekday);
}
