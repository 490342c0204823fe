// The child process of a tokenizer, over IPC: the parent names the model's folder, then asks; the answers come in order.
import { TemperError } from '@temper/contracts';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { openTokenizer, type LocalTokenizer, type TokenizerFacts } from '../local-tokenizer.js';
import { operations, sent, type At } from './operations.js';
import { ALL, cells, IDLE, type FromChild, type Limits, type ToChild } from './protocol.js';

if (!process.send) {
  process.stderr.write('a tokenizer is started by Temper, with an IPC channel\n');
  process.exit(2);
}
// Killed and not exited: an exit would wait for what the Rust code is at.
const end = () => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
if (!process.connected) end();
// Ctrl-C goes to the whole process group; the parent decides.
process.on('SIGINT', () => undefined);
process.title = 'temper tokenizer';

const shared = new Int32Array(new SharedArrayBuffer(cells.count * Int32Array.BYTES_PER_ELEMENT));
let limits: Limits;
let opening: Promise<LocalTokenizer>;
let last: Promise<unknown> = Promise.resolve();

process.on('message', (message: ToChild) => {
  last = last.then(async () => process.send!(await answerTo(message)));
});

async function answerTo(message: ToChild): Promise<FromChild> {
  try {
    if (message.type === 'open') {
      limits = message.limits;
      await guarded();
      mark(ALL, limits.openMs);
      opening = openTokenizer(message.folder);
      return { type: 'facts', facts: factsOf(await opening) };
    }
    return { type: 'results', results: await resultsOf(message) };
  } catch (error) {
    if (error instanceof TemperError) return { type: 'error', error: sent(error) };
    return { type: 'unknown', message: error instanceof Error ? error.message : String(error) };
  } finally {
    mark(IDLE, 0);
  }
}

async function resultsOf({ operation, items, options }: ToChild & { type: 'request' }): Promise<unknown[]> {
  const tokenizer = await opening;
  const together = items.length === 1 ? limits.itemMs : limits.batchMs;
  const at: At = (item) => (item === undefined ? mark(ALL, together) : mark(item, limits.itemMs));
  at(undefined);
  const run = operations[operation] as (...args: unknown[]) => Promise<unknown[]>;
  return run(tokenizer, items, options ?? {}, at);
}

/** Tells the guard what is worked on from here, and for how long it may be. */
function mark(item: number, limitMs: number): void {
  Atomics.store(shared, cells.item, item);
  Atomics.store(shared, cells.limitMs, limitMs);
  Atomics.add(shared, cells.change, 1);
}

async function guarded(): Promise<void> {
  mark(IDLE, 0);
  const guard = new Worker(new URL('./guard.js', import.meta.url), { workerData: { shared, limits } });
  guard.on('error', end);
  await once(guard, 'message');
  guard.unref();
}

function factsOf(tokenizer: LocalTokenizer): TokenizerFacts {
  const { vocabularySize, padTokenId, bosTokenId, eosTokenId, generationEnds } = tokenizer;
  const { special, specialTokenIds, maskTokenId, affixes, chatTemplate } = tokenizer;
  const ids = { vocabularySize, padTokenId, bosTokenId, eosTokenId, generationEnds, specialTokenIds };
  return { ...ids, special, maskTokenId, affixes, chatTemplate };
}
