import { describe, expect, it } from 'vitest';
import { ago, duration, metric } from './format.js';

describe('numbers for people', () => {
  it('writes durations at the precision that matters', () => {
    expect([0.44, 9.96, 12.4, 65, 3599.6, 7800].map(duration)).toEqual([
      '0.4 s',
      '10.0 s',
      '12 s',
      '1 m 05 s',
      '1 h 00 m',
      '2 h 10 m',
    ]);
    expect(duration(NaN)).toBe('–');
  });

  it('writes times as distances', () => {
    const now = Date.parse('2026-01-02T12:00:00Z');
    expect(ago('2026-01-02T11:59:30Z', now)).toBe('just now');
    expect(ago('2026-01-02T11:15:00Z', now)).toBe('45 m ago');
    expect(ago('2025-12-24T00:00:00Z', now)).toBe('2025-12-24');
  });

  it('writes metrics, and a dash for none', () => {
    expect([0.98765, 1234.5678, undefined, NaN].map(metric)).toEqual(['0.9877', '1234.6', '–', 'NaN']);
  });
});
