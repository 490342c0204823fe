import { DAYS_OF_WEEK, MONTHS, type CalendarSpecDescription, type Range } from '@temporalio/client';
import type { FieldName } from './fields.js';
import { wallTimeOf, type WallTime } from './wall-clock.js';

/** Values of the fields of a moment; a field that is not named may be any. */
export type Ranges = Readonly<Partial<Record<FieldName, readonly Range<number>[]>>>;

/** A server's calendar with numbers for the names of months and days. */
export const rangesOf = (calendar: CalendarSpecDescription): Ranges => ({
  second: calendar.second,
  minute: calendar.minute,
  hour: calendar.hour,
  dayOfMonth: calendar.dayOfMonth,
  month: calendar.month.map((range) => numbered(range, MONTHS, 1)),
  ...(calendar.year.length ? { year: calendar.year } : {}),
  dayOfWeek: calendar.dayOfWeek.map((range) => numbered(range, DAYS_OF_WEEK, 0)),
});

function numbered(range: Range<string>, names: readonly string[], first: number): Range<number> {
  const number = (name: string) => names.indexOf(name) + first;
  return { start: number(range.start), end: number(range.end), step: range.step };
}

const within = (ranges: readonly Range<number>[] | undefined, value: number): boolean =>
  ranges === undefined ||
  ranges.some(
    ({ start, end, step }) => value >= start && value <= end && (value - start) % (step || 1) === 0,
  );

const matchesDay = (ranges: Ranges, { year, month, dayOfMonth, dayOfWeek }: WallTime): boolean =>
  within(ranges.year, year) &&
  within(ranges.month, month) &&
  within(ranges.dayOfMonth, dayOfMonth) &&
  // Cron's second Sunday is 7.
  (within(ranges.dayOfWeek, dayOfWeek) || (dayOfWeek === 0 && within(ranges.dayOfWeek, 7)));

export const matchesTime = (ranges: Ranges, time: WallTime): boolean =>
  matchesDay(ranges, time) &&
  within(ranges.hour, time.hour) &&
  within(ranges.minute, time.minute) &&
  within(ranges.second, time.second);

/** Of times that are no time. */
export const NEVER = 'there is no such date to come';

const DAY = 24 * 60 * 60_000;
/** 29 February on a given weekday comes after at most 40 years. */
const SEARCHED_DAYS = 41 * 366;

/** Whether there is a day to come that fits, from yesterday on (it may still be yesterday in some zone). */
export function hasDay(ranges: Ranges, now = Date.now()): boolean {
  for (let day = -1; day < SEARCHED_DAYS; day++) {
    if (matchesDay(ranges, wallTimeOf(now + day * DAY))) return true;
  }
  return false;
}
