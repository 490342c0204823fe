import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RowFile } from './row-file.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'temper-rows-'))));
afterAll(() => rm(folder, { recursive: true }));

it.each([1, 8, 9, 300])('a row is read again by its number, of %i rows', async (count) => {
  const path = join(folder, `${count}.jsonl`);
  // Of several bytes a character, and of no line's length.
  const rows = Array.from({ length: count }, (_, i) => ({ text: `Ä\u2028${'ö'.repeat(i % 11)} ${i}` }));
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  using file = new RowFile(path);
  let seen = 0;
  for await (const chunk of file.chunks()) {
    seen += chunk.length;
    // While others are still to come.
    expect(file.read(seen)).toEqual(rows[seen - 1]);
  }
  expect(rows.map((_, i) => file.read(i + 1))).toEqual(rows);
});
