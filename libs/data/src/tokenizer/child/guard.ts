// A thread beside the work, which may hold the other one for ever: ends the process where it takes too much, or where its
// parent is gone. A thread of its own and not the parent, as the parent may be busy, and as it works on every system.
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { ALL, cells, IDLE, VERDICT_FD, type Limits, type Verdict } from './protocol.js';

const EVERY_MS = 25;
/** So many times longer by the clock than by processor time ends it as well: what waits for nothing never ends. */
const CLOCK = 6;

const { shared, limits } = workerData as { shared: Int32Array; limits: Limits };
const parent = process.ppid;
let seen = -1;
let since = { cpu: 0, clock: 0 };

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const end = () => process.kill(process.pid, 'SIGKILL');

function endBecause(reason: Verdict['reason']): void {
  const item = Atomics.load(shared, cells.item);
  const verdict: Verdict = item < 0 ? { reason } : { reason, item };
  try {
    writeSync(VERDICT_FD, JSON.stringify(verdict));
  } finally {
    end();
  }
}

function look(): void {
  if (process.ppid !== parent) return void end();
  if (process.memoryUsage.rss() > limits.bytes) return endBecause('memory');
  const change = Atomics.load(shared, cells.change);
  const now = { cpu: cpuMs(), clock: performance.now() };
  if (change !== seen) {
    seen = change;
    since = now;
  }
  const idle = Atomics.load(shared, cells.item) === IDLE;
  const limit = Atomics.load(shared, cells.limitMs);
  if (!idle && (now.cpu - since.cpu > limit || now.clock - since.clock > CLOCK * limit)) endBecause('time');
}

setInterval(look, EVERY_MS);
parentPort!.postMessage(ALL);
