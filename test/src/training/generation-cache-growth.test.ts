/** The cache of generation beyond the slots that it begins with, and of several texts at once. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argmax } from '@temper/tasks';
import { Decoder } from '@temper/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellIds, readCell, type Cell } from '../parity/matrix/golden.js';
import { differenceOf, logitsAfter, sessionsOf } from './generation-cells.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

const methods = ['full', 'prompt-tuning', 'prefix-tuning'];
const cells = cellIds().filter((id) => {
  const [, method, task] = id.split('/');
  // longrope is read up to the positions that it was made longer from: they are no more than a cache begins with.
  return task === 'causal-lm' && methods.includes(method!) && !id.startsWith('phi3-long/');
});

/** More than twice the slots that a cache has at first, which grows by half. */
const POSITIONS = 180;
const LONGEST = 160;

/** The model with so many positions: more rows of its table of positions, where it has one. */
function long(cell: Cell): Cell {
  const { config, base } = cell;
  const name = 'n_positions' in config ? 'n_positions' : 'max_position_embeddings';
  const more = POSITIONS - Number(config[name]);
  const tables = /\bwpe\.weight$|\bembed_positions\.weight$/;
  return {
    ...cell,
    config: { ...config, [name]: POSITIONS },
    base: base.map((tensor) => {
      const [tensorName, [rows, ...rest], center, bound] = tensor;
      return tables.test(tensorName) ? [tensorName, [rows! + more, ...rest], center, bound] : tensor;
    }),
  };
}

const place = (id: string) => join(folder, id.replaceAll('/', '--'));

describe.each(cells)('%s', (id) => {
  it('writes on beyond the slots that the cache begins with, each of several texts as if it were alone', async () => {
    const { padded, cached, positions } = await sessionsOf(long(readCell(id)), place(id));
    const texts = [[7, 21, 40, 11, 33], [5], [9, 2, 30, 17, 44, 8, 3, 12, 50]];
    const decoder = new Decoder(cached.session, cached, {}, texts.length);
    let unread: readonly (readonly number[])[] = texts.map((ids) => [...ids]);
    expect(positions).toBeGreaterThanOrEqual(LONGEST);
    for (let step = 0; texts[2]!.length < LONGEST; step++) {
      const logits = await decoder.readRows(unread);
      expect(logits.map((row) => row !== undefined)).toEqual(unread.map((ids) => ids.length > 0));
      const written = logits.map((row) => row && argmax(row, 0, row.length));
      if (step < 3 || step % 13 === 0)
        for (const [row, kept] of logits.entries()) {
          const whole = kept && (await logitsAfter(padded.session, texts[row]!));
          if (whole)
            expect(differenceOf(whole, kept), `${row}, ${texts[row]!.length} tokens`).toBeLessThan(1e-5);
        }
      written.forEach((token, row) => token !== undefined && texts[row]!.push(token));
      // The first ends early.
      unread = written.map((token, row) => (token === undefined || (row === 0 && step > 20) ? [] : [token]));
    }
    expect(texts.map(({ length }) => length)).toEqual([5 + 22, LONGEST - 8, LONGEST]);
    await padded.session.release();
    await cached.session.release();
  });
});
