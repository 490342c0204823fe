import { TemperError } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { compileSchedule, newScheduleProblems, type ScheduleOptions } from './options.js';

const mistakes = (options: ScheduleOptions) => newScheduleProblems(options).map((p) => p.path);

describe('when a schedule starts', () => {
  it('takes several of each kind', () => {
    const { spec } = compileSchedule({
      cron: ['0 3 * * Mon-Fri', '@daily'],
      every: ['1h/15m', '2h'],
      offset: '5m',
      calendar: ['hour=4 dayOfWeek=Fri-7', '{"hour":"9-17/2","minute":30,"month":"Jan","comment":"work"}'],
      timezone: 'europe/berlin',
      jitter: '1m',
      startAt: '2026-03-01T03:00:00',
      endAt: '2096-04-01',
    });
    expect(spec).toEqual({
      cronExpressions: ['0 3 * * Mon-Fri # cron 0 3 * * Mon-Fri', '@daily # cron @daily'],
      intervals: [
        { every: 3_600_000, offset: 900_000 },
        { every: 7_200_000, offset: 300_000 },
      ],
      calendars: [
        {
          hour: [{ start: 4, end: 4, step: 1 }],
          dayOfWeek: [
            { start: 'FRIDAY', end: 'SATURDAY', step: 1 },
            { start: 'SUNDAY', end: 'SUNDAY', step: 1 },
          ],
          comment: 'calendar hour=4 dayOfWeek=Fri-7',
        },
        {
          hour: [{ start: 9, end: 17, step: 2 }],
          minute: [{ start: 30, end: 30, step: 1 }],
          month: [{ start: 'JANUARY', end: 'JANUARY', step: 1 }],
          comment: 'work',
        },
      ],
      timezone: 'Europe/Berlin',
      jitter: 60_000,
      startAt: new Date('2026-03-01T03:00:00Z'),
      endAt: new Date('2096-04-01'),
    });
  });

  it.each([
    '0 3 * * *',
    '*/5 * * * 1-5',
    '0 0 1,15 jan-mar *',
    '30 5 0 3 * * 2027',
    '@every 90m/10m',
    '@hourly',
  ])('takes %s', (cron) => expect(newScheduleProblems({ cron })).toEqual([]));

  it.each([
    'at noon',
    '60 * * * *',
    '* * *',
    '0 3 * * Mob',
    '*/0 * * * *',
    '@sometimes',
    '5-1 * * * *',
    '@every x',
    '@every 0s',
    '@every 1h/2h',
    // Comments begin behind a space: in other crons this is the second Friday.
    '0 3 * * 5#2',
    // Both days must fit, as the server reads it.
    '0 0 31 2 5',
    'CRON_TZ=Europe/Berln 0 3 * * *',
    '0 0 3 * * *',
    '*/5 * * * * *',
    '0 0 3 * * MON-FRI',
  ])('refuses %s', (cron) => expect(mistakes({ cron })).toEqual(['--cron']));

  it('reports all mistakes at once, with the nearest names', () => {
    const problems = newScheduleProblems({
      cron: '61 25 * * *',
      every: '10m',
      offset: '10m',
      calendar: ['hours=3', 'hour=24', 'nonsense'],
      timezone: 'Berlin',
      jitter: 'some',
      startAt: '2026-02-30x',
      overlap: 'skipp',
      catchupWindow: '1s',
      remainingActions: '0',
    });
    expect(problems.map((p) => p.path)).toEqual([
      ...['--cron', '--cron', '--offset', '--calendar', '--calendar hour', '--calendar'],
      ...['--timezone', '--jitter', '--start-at', '--catchup-window', '--overlap', '--remaining-actions'],
    ]);
    const hints = problems.flatMap((p) => p.hint ?? []);
    expect(hints).toEqual(['did you mean hour?', 'did you mean Europe/Berlin?', 'did you mean skip?']);
    expect(() => compileSchedule({ every: 'x' })).toThrow(TemperError);
  });

  it('wants times, an offset of something, an end after the start and one time zone', () => {
    expect(mistakes({})).toEqual(['temper schedule create']);
    expect(mistakes({ cron: '@daily', offset: '5m' })).toEqual(['--offset']);
    expect(mistakes({ cron: '@daily', startAt: '2026-02-01', endAt: '2026-01-01' })).toEqual(['--end-at']);
    expect(mistakes({ cron: 'TZ=Asia/Tokyo 0 3 * * *', timezone: 'UTC' })).toEqual(['--cron']);
  });
});

describe('the rules of a schedule', () => {
  it('compile to what was given and nothing else, so that an update leaves the rest', () => {
    expect(compileSchedule({})).toEqual({ spec: {}, policies: {}, state: {} });
    expect(compileSchedule({ overlap: 'BufferOne', note: 'why', remainingActions: '3' })).toEqual({
      spec: {},
      policies: { overlap: 'BUFFER_ONE' },
      state: { note: 'why', remainingActions: 3 },
    });
    const taken = compileSchedule({ startAt: 'none', remainingActions: 'none' });
    expect(taken).toEqual({
      spec: { startAt: undefined },
      policies: {},
      state: { remainingActions: undefined },
    });
    expect('startAt' in taken.spec && 'remainingActions' in taken.state).toBe(true);
  });

  it('do not compare with the run before where runs go side by side', () => {
    const options = { every: '1h', onlyNewData: true };
    expect(mistakes({ ...options, overlap: 'allow-all' })).toEqual(['--only-new-data']);
    expect(mistakes({ ...options, overlap: 'buffer-all' })).toEqual([]);
  });
});
