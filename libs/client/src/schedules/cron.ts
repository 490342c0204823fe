import type { Problem } from '@temper/contracts';
import { parseDuration } from './duration.js';
import { spansOf, type FieldName, type Span } from './fields.js';
import { hasDay, NEVER, type Ranges } from './matching.js';
import { compileTimezone } from './timezone.js';

const five: FieldName[] = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'];
const forms: Readonly<Record<number, FieldName[]>> = {
  5: five,
  6: [...five, 'year'],
  7: ['second', ...five, 'year'],
};
const shorthands = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** Checks an expression as the server will read it; returns it with its own text as the comment that the server keeps. */
export function compileCron(expression: string, timezone: string | undefined, problems: Problem[]): string {
  const path = '--cron';
  // The server takes all from "#" on for a comment; in other crons `5#2` is the second Friday.
  const bare = expression.replace(/(?<=\s|^)#.*$/, '').trim();
  const zoned = /^(?:CRON_)?TZ=(\S+)\s+/.exec(bare);
  const add = (message: string, more: Partial<Problem> = {}) =>
    problems.push({ path, message, found: expression, ...more });
  if (zoned && timezone) add('names a time zone, and so does --timezone', { allowed: 'one of them' });
  const zone = zoned && !timezone ? compileTimezone(zoned[1]!, problems, path) : '';
  for (const message of mistakes(zoned ? bare.slice(zoned[0].length) : bare)) add(message, { allowed: form });
  return `${zoned ? bare.replace(zoned[1]!, zone) : bare} # cron ${bare}`;
}

const form = 'minute hour day month weekday, e.g. "0 3 * * Mon-Fri", or @daily and the like';

function mistakes(text: string): string[] {
  if (text.startsWith('@every ')) {
    const [every, offset = 0, ...more] = text.slice('@every '.length).split('/').map(parseDuration);
    if (every === undefined || every < 1000 || more.length) return ['not a duration of at least a second'];
    return offset < every ? [] : ['an offset is shorter than its interval'];
  }
  if (text.startsWith('@')) return shorthands.includes(text) ? [] : ['no such shorthand'];
  const parts = text.split(/\s+/);
  const names = forms[parts.length];
  if (!names) return [`a cron expression has 5 fields (or 6 with the year, 7 with seconds and year)`];
  // Elsewhere (Spring, Quartz, node-cron) six fields begin with the second, and would run at another time here.
  if (parts.length === 6 && !/\d{4}/.test(parts[5]!))
    return [
      `of six fields the sixth is the year, and "${parts[5]!}" is none: five without it (${parts.slice(0, 5).join(' ')}), ` +
        `or where the first is the second, seven (${parts.join(' ')} *)`,
    ];
  const spans = parts.map((part, i) => spansOf(names[i]!, part));
  const wrong = spans.filter((s) => typeof s === 'string');
  if (wrong.length) return wrong;
  const ranges: Ranges = Object.fromEntries(spans.map((s, i) => [names[i]!, s as Span[]]));
  // Unlike crontab(5), the server wants both where day of month and weekday are restricted: Friday the 13th.
  return hasDay(ranges) ? [] : [NEVER];
}
