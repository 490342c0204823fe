import type { ScheduleSpec } from '@temporalio/client';
import type { Problem } from '@temper/contracts';
import { compileCalendar, type CalendarFields } from './calendar.js';
import { compileCron } from './cron.js';
import { durationForm, parseDuration } from './duration.js';
import { compileMoment, compileTimezone } from './timezone.js';

/** When a schedule starts runs: at each time of each entry. Texts, as on the command line. */
export interface TimeOptions {
  /** Five fields, or `@daily` and the like. */
  readonly cron?: string | readonly string[] | undefined;
  /** e.g. `90s`, `30m`, `1h30m`, `1d`; `1h/15m` is a quarter past every hour. */
  readonly every?: string | readonly string[] | undefined;
  /** From the hour, the day, …: of every interval without one of its own. */
  readonly offset?: string | undefined;
  readonly calendar?: string | CalendarFields | readonly (string | CalendarFields)[] | undefined;
  /** An IANA name, e.g. `Europe/Berlin`; UTC where none is given. */
  readonly timezone?: string | undefined;
  /** Each start is late by a random time up to this. */
  readonly jitter?: string | undefined;
  /** ISO 8601. `none` takes the bound away. */
  readonly startAt?: string | undefined;
  readonly endAt?: string | undefined;
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

export const hasTimes = ({ cron, every, calendar }: TimeOptions): boolean =>
  [cron, every, calendar].some((given) => listOf<unknown>(given).length > 0);

/** Only what was given: an update leaves the rest as it is. */
export function compileTimes(options: TimeOptions, problems: Problem[]): ScheduleSpec {
  const { cron, every, offset, calendar, timezone, jitter, startAt, endAt } = options;
  const spec: ScheduleSpec = {};
  if (offset !== undefined && !listOf(every).length)
    problems.push({ path: '--offset', message: 'of which interval?', allowed: 'together with --every' });
  if (hasTimes(options)) {
    spec.cronExpressions = listOf(cron).map((text) => compileCron(text, timezone, problems));
    spec.intervals = listOf(every).map((text) => interval(text, offset, problems));
    spec.calendars = listOf<string | CalendarFields>(calendar).map((c) => compileCalendar(c, problems));
  }
  if (timezone !== undefined) spec.timezone = compileTimezone(timezone, problems);
  if (jitter !== undefined) spec.jitter = duration('--jitter', jitter, 0, problems);
  const bound = (path: string, text: string | undefined) =>
    text === undefined || text === 'none' ? undefined : compileMoment(path, text, problems);
  const [from, to] = [bound('--start-at', startAt), bound('--end-at', endAt)];
  if (startAt !== undefined) Object.assign(spec, { startAt: from });
  if (endAt !== undefined) Object.assign(spec, { endAt: to });
  if (from && to && from >= to) {
    const allowed = `after ${startAt}`;
    problems.push({ path: '--end-at', message: 'not after --start-at', found: endAt!, allowed });
  } else if (to && to.getTime() <= Date.now()) {
    problems.push({ path: '--end-at', message: 'over already', found: endAt!, allowed: 'a time to come' });
  }
  return spec;
}

function interval(text: string, offset: string | undefined, problems: Problem[]) {
  const [length = '', own, ...more] = text.split('/');
  const every = duration('--every', more.length ? text : length, 1000, problems);
  const shift = own ?? offset;
  if (shift === undefined) return { every };
  const path = own === undefined ? '--offset' : '--every';
  const phase = duration(path, shift, 0, problems);
  if (every && phase >= every)
    problems.push({
      path,
      message: 'an offset is shorter than its interval',
      found: `${shift} of ${length}`,
    });
  return { every, offset: phase };
}

function duration(path: string, text: string, least: number, problems: Problem[]): number {
  const value = parseDuration(text);
  if (value !== undefined && value >= least) return value;
  const message = least ? 'not a duration of at least a second' : 'not a duration';
  problems.push({ path, message, found: text, allowed: durationForm });
  return 0;
}
