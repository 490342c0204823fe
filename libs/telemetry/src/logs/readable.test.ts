import { describe, expect, it } from 'vitest';
import { readableLine } from './readable.js';

const time = Date.UTC(2026, 2, 1, 3, 12, 9, 123);

describe('a log line for people', () => {
  it('has time, level, run, stage and attempt, message and the rest', () => {
    const record = { level: 40, time, msg: 'killed', run: 'r', stage: 'train', attempt: 2, pipeline: 'mail' };
    const line = readableLine({ ...record, pid: 7, step: 40, loss: 0.123456789, words: 'a b' });
    expect(line).toBe('2026-03-01 03:12:09.123  WARN   r train#2  killed  step=40 loss=0.12346 words="a b"');
    expect(readableLine(record, { withRun: false })).toBe('2026-03-01 03:12:09.123  WARN   train#2  killed');
  });

  it('shows the stack of a failure below', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at x' };
    expect(readableLine({ level: 50, time, msg: 'failed', err }).split('\n').slice(1)).toEqual([
      '    Error: no',
      '        at x',
    ]);
  });
});
