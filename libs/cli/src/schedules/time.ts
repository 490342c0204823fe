import { duration } from '../report/format.js';

/** `2026-03-01 03:00:00`, by the clock of the schedule's zone. */
export function localTime(iso: string, timeZone: string): string {
  const style = { dateStyle: 'short', timeStyle: 'medium', hour12: false } as const;
  // The Swedish way of writing a time is the ISO one.
  return new Intl.DateTimeFormat('sv-SE', { ...style, timeZone: known(timeZone) }).format(new Date(iso));
}

/** A schedule made elsewhere may name a zone that only the server knows. */
function known(timeZone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return timeZone;
  } catch {
    return 'UTC';
  }
}

export function until(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  return seconds <= 0
    ? 'now'
    : seconds < 86_400
      ? `in ${duration(seconds)}`
      : `in ${Math.floor(seconds / 86_400)} d`;
}
