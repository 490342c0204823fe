import { describe, expect, it } from 'vitest';
import { timesOf } from './words.js';

const one = <T>(value: T) => [{ start: value, end: value, step: 1 }];
const calendar = {
  second: one(0),
  minute: one(30),
  hour: [{ start: 9, end: 17, step: 2 }],
  dayOfMonth: [{ start: 1, end: 31, step: 1 }],
  month: [{ start: 'JANUARY' as const, end: 'DECEMBER' as const, step: 1 }],
  year: [],
  dayOfWeek: [{ start: 'MONDAY' as const, end: 'FRIDAY' as const, step: 1 }],
};

describe('the times of a schedule in words', () => {
  it('are those that they were given in, once', () => {
    const said = { ...calendar, comment: 'cron 0 3 * * *' };
    expect(timesOf({ calendars: [said, said], intervals: [{ every: 5400e3, offset: 600e3 }] })).toBe(
      'cron 0 3 * * *; every 1h 30m from 10m',
    );
  });

  it('follow from the fields where nobody gave words', () => {
    expect(timesOf({ calendars: [calendar] })).toBe('calendar minute=30 hour=9-17/2 dayOfWeek=MONDAY-FRIDAY');
    expect(timesOf({})).toBe('never');
  });
});
