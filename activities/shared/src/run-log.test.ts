import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { MemoryStore, RunStore } from '@temper/storage';
import { expect, it } from 'vitest';
import { RunLog, type RunLogs } from './run-log.js';

const about = { run: 'r-1', stage: 'train', attempt: 2, worker: 'host/1' };

function logging(logs: RunLogs | undefined) {
  const own: LogEntry[] = [];
  const log = new RunLog(new DefaultLogger('DEBUG', (entry) => void own.push(entry)), logs, about);
  return { own, log };
}

it('keeps with the run what the worker logs, with whose line it is', async () => {
  const runs = new RunStore(new MemoryStore());
  const { own, log } = logging(runs);
  log.debug('for the worker alone');
  log.info('hello', { step: 4 });
  log.warn('failed', { error: new Error('why') });
  await log.close();
  expect(own.map(({ message }) => message)).toEqual(['for the worker alone', 'hello', 'failed']);
  expect(await runs.logs('r-1')).toEqual([
    { ...about, level: 30, time: expect.any(Number) as number, msg: 'hello', step: 4 },
    {
      ...about,
      ...{ level: 40, time: expect.any(Number) as number, msg: 'failed' },
      err: { type: 'Error', message: 'why', stack: expect.stringContaining('why') as string },
    },
  ]);
});

it('is there while the stage works, and that of several workers in the order of time', async () => {
  const runs = new RunStore(new MemoryStore());
  const { log } = logging(runs);
  log.info('first');
  await runs.putLogs('r-1', [{ time: Date.now() - 60_000 }]);
  await sleep(1_300);
  const lines = await runs.logs<{ time: number; msg?: string }>('r-1');
  expect(lines.map(({ msg }) => msg)).toEqual([undefined, 'first']);
});

it('outlives a store that is away, and is not held up by one that hangs', async () => {
  const runs = new RunStore(new MemoryStore());
  let away = true;
  const { log } = logging({
    putLogs: (...args) => (away ? Promise.reject(new Error('away')) : runs.putLogs(...args)),
  });
  log.info('one');
  await log.close();
  away = false;
  log.info('two');
  await log.close();
  expect((await runs.logs<{ time: number; msg: string }>('r-1')).map(({ msg }) => msg)).toEqual([
    'one',
    'two',
  ]);
  const { log: hanging } = logging({ putLogs: () => new Promise(() => undefined) });
  hanging.info('never');
  await hanging.close(20);
});
