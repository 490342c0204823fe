import type { ScheduleSpecDescription } from '@temporalio/client';
import { matchesTime, rangesOf } from './matching.js';
import { clockChanges, wallTimeOf, type ClockChange } from './wall-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A little over a year: both changes of a year are among them. */
const DAYS = 380;

/**
 * What becomes of starts by the clock when clocks are put forward (times that do not come) and back (times that come
 * twice), in the year to come. `matching` gives the server's own starts between two moments.
 */
export async function daylightNotes(
  spec: ScheduleSpecDescription,
  timezone: string,
  matching: (from: number, to: number) => Promise<readonly number[]>,
  now = Date.now(),
): Promise<string[]> {
  const calendars = (spec.calendars ?? []).map(rangesOf);
  if (!calendars.length || /^(UTC|Etc\/UTC)$/.test(timezone)) return [];
  const notes: string[] = [];
  for (const change of clockChanges(timezone, now, DAYS)) {
    const times = wallTimesTouched(change).filter((time) =>
      calendars.some((calendar) => matchesTime(calendar, wallTimeOf(time))),
    );
    if (!times.length) continue;
    const starts = await matching(change.at - 3 * HOUR, change.at + 3 * HOUR);
    const note = change.after > change.before ? forward(times) : back(times, change, starts);
    notes.push(`${dateOf(times[0]!)}: ${note}`);
  }
  return notes;
}

/** The wall times, to the minute and as UTC would have them, that are left out or come twice. */
function wallTimesTouched({ at, before, after }: ClockChange): number[] {
  const from = at + Math.min(before, after);
  const minutes = Math.abs(after - before) / MINUTE;
  return Array.from({ length: minutes }, (_, i) => from + i * MINUTE);
}

const forward = (times: readonly number[]) =>
  `clocks go forward, so ${startsAt(times)} ${times.length === 1 ? 'does' : 'do'} not come`;

function back(times: readonly number[], { before, after }: ClockChange, starts: readonly number[]): string {
  const counts = times.map((time) => starts.filter((s) => s === time - before || s === time - after).length);
  const comes = times.length === 1 ? 'comes' : 'come';
  const often = counts.every((n) => n === 2) ? 'twice' : counts.every((n) => n === 1) ? 'once' : undefined;
  return `clocks go back, and ${startsAt(times)} ${comes} ${often ?? 'once or twice'}`;
}

/** `the start at 02:30`, `the starts at 02:00, 02:30`, `60 starts from 02:00 to 02:59`. */
function startsAt(times: readonly number[]): string {
  const clock = times.map((time) => new Date(time).toISOString().slice(11, 16));
  if (clock.length === 1) return `the start at ${clock[0]}`;
  return clock.length <= 4
    ? `the starts at ${clock.join(', ')}`
    : `${clock.length} starts from ${clock[0]} to ${clock.at(-1)}`;
}

const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10);
