import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['90s', 90e3],
    ['30m', 1800e3],
    ['1.5h', 5400e3],
    ['1h30m', 5400e3],
    ['1h 30m 5s', 5405e3],
    ['2 weeks', 1209600e3],
    ['3 days', 259200e3],
    ['5 minutes', 300e3],
    ['0s', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', 'soon', '5', '5x', '-5m', 'm', '5m later', '1h,30m'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('writes what it reads', () => {
    for (const text of ['1h 30m', '5s', '1d', '2w', '8d', '0s']) {
      expect(durationText(parseDuration(text)!)).toBe(text);
    }
  });
});
