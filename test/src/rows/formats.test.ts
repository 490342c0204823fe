import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongCuts } from './cuts.js';
import { digestsByFormat } from './digests.js';
import { seededPlaces } from './places.js';
import { formats, textRows, writeRows } from './write-formats.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('the same rows in nine formats are one data set', async () => {
  const digests = await digestsByFormat(folder, 2000);
  expect(new Set(Object.values(digests)).size).toBe(1);
  expect(Object.keys(digests)).toEqual([...formats]);
}, 60_000);

describe('a file that is cut', () => {
  it.each(formats)(
    '.%s: an error, or exactly the rows before it',
    async (format) => {
      const file = await writeRows(folder, 'whole', format, textRows(200));
      const { size } = await stat(file);
      expect(await wrongCuts(file, format, seededPlaces(size, 20, 9))).toEqual([]);
    },
    60_000,
  );
});
