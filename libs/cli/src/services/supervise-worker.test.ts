import { TemperError } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { superviseWorker, type Supervised } from './supervise-worker.js';

function worker() {
  let end = () => {};
  const exited = new Promise<void>((done) => (end = done));
  return { log: 'worker.log', exited, stop: async () => end(), die: () => end() };
}

describe('the supervision of a worker', () => {
  it('starts one again that died, and that died at its start, until it is told to stop', async () => {
    const first = worker();
    const second = worker();
    const stop = new AbortController();
    const told: string[] = [];
    let starts = 0;
    const start = async (): Promise<Supervised> => {
      starts += 1;
      if (starts < 3) throw new TemperError('SERVICE_UNAVAILABLE', 'the cpu worker ended at its start');
      setTimeout(() => stop.abort(), 20);
      return second;
    };
    const ended = superviseWorker(first, {
      start,
      warn: (line) => told.push(line),
      signal: stop.signal,
      pause: 5,
    });
    first.die();
    await ended;
    await second.exited;
    expect(starts).toBe(3);
    expect(told).toEqual([
      expect.stringContaining('worker.log'),
      expect.stringContaining('ended at its start'),
      expect.stringContaining('ended at its start'),
    ]);
  });

  it('does not hide a fault of its own', async () => {
    const first = worker();
    first.die();
    const start = () => Promise.reject(new Error('a mistake'));
    const { signal } = new AbortController();
    await expect(superviseWorker(first, { start, warn: () => {}, signal, pause: 1 })).rejects.toThrow(
      'a mistake',
    );
  });
});
