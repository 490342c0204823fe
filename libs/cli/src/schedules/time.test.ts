import { describe, expect, it } from 'vitest';
import { localTime, until } from './time.js';

describe('the times of a schedule for people', () => {
  it('are those of its own clock, in summer and winter', () => {
    expect(localTime('2026-01-05T02:00:00Z', 'Europe/Berlin')).toBe('2026-01-05 03:00:00');
    expect(localTime('2026-07-05T02:00:00Z', 'Europe/Berlin')).toBe('2026-07-05 04:00:00');
    expect(localTime('2026-01-05T00:00:00Z', 'UTC')).toBe('2026-01-05 00:00:00');
    expect(localTime('2026-01-05T02:00:00Z', 'No/Where')).toBe('2026-01-05 02:00:00');
  });

  it('are near or far', () => {
    const now = Date.parse('2026-01-05T02:00:00Z');
    expect(until('2026-01-05T02:10:05Z', now)).toBe('in 10 m 05 s');
    expect(until('2026-01-08T03:00:00Z', now)).toBe('in 3 d');
    expect(until('2026-01-05T01:59:59Z', now)).toBe('now');
  });
});
