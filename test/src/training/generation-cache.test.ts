/** Generation with kept keys and values is the forward pass over all tokens: every decoder, and every method that stands in front of texts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argmax } from '@temper/tasks';
import { Decoder } from '@temper/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellIds, readCell } from '../parity/matrix/golden.js';
import { differenceOf, logitsAfter, sessionsOf } from './generation-cells.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

const methods = ['full', 'lora', 'ia3', 'ln-tuning', 'prompt-tuning', 'prefix-tuning'];
const cells = cellIds().filter((id) => {
  const [, method, task] = id.split('/');
  return task === 'causal-lm' && methods.includes(method!);
});

/** Longer than every window of the goldens, whose models have 32 positions and less. */
const WRITTEN = 24;

describe.each(cells)('%s', (id) => {
  it('writes the same tokens from kept keys and values', async () => {
    const place = join(folder, id.replaceAll('/', '--'));
    const { padded, cached, positions } = await sessionsOf(readCell(id), place);
    const decoder = new Decoder(cached.session, cached);
    const ids = [7, 21, 40, 11, 33];
    let unread: readonly number[] = ids.slice();
    const longest = Math.min(ids.length + WRITTEN, positions);
    expect(longest).toBeGreaterThan(8);
    while (ids.length < longest) {
      const kept = await decoder.read(unread);
      const whole = await logitsAfter(padded.session, ids);
      expect(differenceOf(whole, kept), `after ${ids.length} tokens`).toBeLessThan(1e-5);
      const next = argmax(kept, 0, kept.length);
      expect(next).toBe(argmax(whole, 0, whole.length));
      ids.push(next);
      // Several at once, as a second prompt would be read: then again one by one.
      unread =
        ids.length === 9 && longest > 12 ? [next, ...[3, 50].map((more) => (ids.push(more), more))] : [next];
    }
    await padded.session.release();
    await cached.session.release();
  });
});
