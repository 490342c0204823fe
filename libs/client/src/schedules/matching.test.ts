import { describe, expect, it } from 'vitest';
import { compileSchedule, idProblems } from './options.js';
import { clockChanges, offsetAt, wallTimeOf } from './wall-clock.js';

describe('times that never come', () => {
  it.each([
    [{ cron: '0 0 30 2 *' }],
    [{ cron: '0 0 31 4,6,9,11 *' }],
    // The server asks for both days, unlike crontab(5).
    [{ cron: '0 0 31 4 Mon' }],
    [{ cron: '0 0 1 1 * 2020' }],
    [{ calendar: 'dayOfMonth=31 month=Feb' }],
    [{ calendar: { dayOfMonth: 31, month: 'JUNE' } }],
    [{ calendar: 'year=2001' }],
    [{ every: '1h', endAt: '2001-01-01' }],
  ])('%j is refused', (options) => {
    expect(() => compileSchedule(options)).toThrow(/no such date to come|over already/);
  });

  it.each([
    [{ cron: '0 0 29 2 *' }],
    [{ cron: '0 0 29 2 */7' }],
    [{ cron: '0 3 * * 7' }],
    [{ calendar: 'dayOfMonth=29 month=Feb dayOfWeek=Mon' }],
    [{ calendar: 'dayOfWeek=7' }],
  ])('%j is not', (options) => {
    expect(() => compileSchedule(options)).not.toThrow();
  });
});

it('ids of schedules are names', () => {
  for (const id of ['mail', 'mail-2026.v1_a', 'A']) expect(idProblems(id)).toEqual([]);
  for (const id of ['', '-a', 'a/b', 'a b', 'a\n', 'ä', 'x'.repeat(64), '../a', '\u001b[31m'])
    expect(idProblems(id)).toHaveLength(1);
});

describe('clock changes', () => {
  const from = Date.parse('2026-11-01T00:00:00Z');
  const changes = (zone: string) =>
    clockChanges(zone, from, 380).map(({ at, before, after }) => [
      new Date(at).toISOString(),
      (after - before) / 60_000,
    ]);

  it('are found to the minute, half hours and southern summers too', () => {
    // https://www.iana.org/time-zones, rules EU, US, LH, Chile
    expect(changes('Europe/Berlin')).toEqual([
      ['2027-03-28T01:00:00.000Z', 60],
      ['2027-10-31T01:00:00.000Z', -60],
    ]);
    expect(changes('America/New_York').slice(0, 2)).toEqual([
      ['2026-11-01T06:00:00.000Z', -60],
      ['2027-03-14T07:00:00.000Z', 60],
    ]);
    expect(changes('Australia/Lord_Howe')).toEqual([
      ['2027-04-03T15:00:00.000Z', -30],
      ['2027-10-02T15:30:00.000Z', 30],
    ]);
    expect(changes('Asia/Tokyo')).toEqual([]);
  });

  it('the clock of a zone is UTC and its offset', () => {
    const time = Date.parse('2026-07-05T22:30:10.250Z');
    expect(offsetAt('Europe/Berlin', time)).toBe(2 * 3_600_000);
    expect(wallTimeOf(time + offsetAt('Europe/Berlin', time))).toEqual({
      ...{ year: 2026, month: 7, dayOfMonth: 6, dayOfWeek: 1 },
      ...{ hour: 0, minute: 30, second: 10 },
    });
  });
});
