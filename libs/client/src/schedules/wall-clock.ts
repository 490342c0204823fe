/** What a clock on the wall shows. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
  /** 0 = Sunday. */
  readonly dayOfWeek: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The fields of a moment as UTC has them; of `date + offset` those of a zone's clock. */
export const wallTimeOf = (time: number): WallTime => {
  const date = new Date(time);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    dayOfMonth: date.getUTCDate(),
    dayOfWeek: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
};

/** Milliseconds that a zone's clock is ahead of UTC at a moment. */
export function offsetAt(timeZone: string, time: number): number {
  const style = { dateStyle: 'short', timeStyle: 'medium', hour12: false } as const;
  // The Swedish way of writing a time is the ISO one.
  const shown = new Intl.DateTimeFormat('sv-SE', { ...style, timeZone }).format(time);
  return Date.parse(`${shown.replace(' ', 'T')}Z`) - Math.floor(time / 1000) * 1000;
}

/** When clocks are put forward (`after > before`) or back. */
export interface ClockChange {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** The changes of a zone's clock within so many days, to the minute. */
export function clockChanges(timeZone: string, from: number, days: number): ClockChange[] {
  const start = Math.floor(from / MINUTE) * MINUTE;
  const changes: ClockChange[] = [];
  for (let day = start; day < start + days * DAY; day += DAY) {
    const [before, after] = [offsetAt(timeZone, day), offsetAt(timeZone, day + DAY)];
    if (before === after) continue;
    let [low, high] = [day, day + DAY];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
      if (offsetAt(timeZone, middle) === before) low = middle;
      else high = middle;
    }
    changes.push({ at: high, before, after });
  }
  return changes;
}
