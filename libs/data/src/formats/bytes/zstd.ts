import { TemperError } from '@temper/contracts';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

interface Answer {
  readonly part?: Uint8Array;
  readonly failure?: string;
}

/**
 * The frames of a .zst file (RFC 8878), with their checksums verified where they have them. They are unpacked in a thread,
 * because the decoder (zstd compiled to WebAssembly) never gives back what a damaged or half-read file made it allocate.
 * @throws TemperError DATA_INVALID for a damaged or cut file.
 */
export async function* unzstd(file: string): AsyncGenerator<Buffer> {
  const decoder = import.meta.resolve('zstddec/stream');
  const thread = new Worker(threadCode, { eval: true, workerData: { file, decoder } });
  try {
    for (;;) {
      const answered = once(thread, 'message');
      thread.postMessage('next');
      const [{ part, failure }] = (await answered) as [Answer];
      if (failure !== undefined) throw damaged(file, reasons[failure] ?? failure);
      if (!part) return;
      yield Buffer.from(part.buffer, part.byteOffset, part.length);
    }
  } finally {
    await thread.terminate();
  }
}

const reasons: Readonly<Record<string, string>> = {
  'Incomplete stream, more data expected.': 'it is cut off, or something else stands where a frame begins',
};

const damaged = (file: string, reason: string) =>
  new TemperError('DATA_INVALID', { path: file, message: `the .zst file is damaged: ${reason}` });

/*
 * Replies to each 'next' with about a megabyte. The decoder repeats a call that failed for ever; a call without output that
 * did not fail has ended its chunk or read a frame, of which the shortest (skippable, without content) has 8 bytes.
 */
const threadCode = `
const { parentPort, workerData } = require('node:worker_threads');
const { openSync, readSync } = require('node:fs');
const CHUNK = 1 << 16, MOST_EMPTY = CHUNK / 8 + 2, ANSWER = 1 << 20;
function* chunks() {
  const file = openSync(workerData.file, 'r');
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const length = readSync(file, chunk, 0, CHUNK, null);
    if (!length) return;
    yield chunk.subarray(0, length);
  }
}
async function* answers() {
  const { ZSTDDecoder } = await import(workerData.decoder);
  const decoder = new ZSTDDecoder();
  await decoder.init();
  let parts = [], length = 0, empty = 0;
  for (const part of decoder.decodeStreaming(chunks())) {
    empty = part.length ? 0 : empty + 1;
    if (empty > MOST_EMPTY) throw new Error('its data or its checksum is wrong');
    parts.push(part);
    length += part.length;
    if (length < ANSWER) continue;
    yield { part: Buffer.concat(parts) };
    parts = [];
    length = 0;
  }
  if (length) yield { part: Buffer.concat(parts) };
}
const all = answers();
parentPort.on('message', async () => {
  const { value = {} } = await all.next().catch((error) => ({ value: { failure: error.message } }));
  parentPort.postMessage(value);
});
`;
