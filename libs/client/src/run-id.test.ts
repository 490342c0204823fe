import { describe, expect, it } from 'vitest';
import { newRunId } from './run-id.js';

describe('a run id', () => {
  it('has the name, the time in UTC and four random digits', () => {
    const id = newRunId('mail', new Date('2026-03-04T05:06:07.890Z'), Buffer.from([35, 0, 0, 0]));
    expect(id).toBe('mail-20260304-050607-000z');
  });

  it('differs for submissions of the same second', () => {
    const now = new Date();
    expect(new Set(Array.from({ length: 50 }, () => newRunId('a', now))).size).toBeGreaterThan(45);
  });
});
