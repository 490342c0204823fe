import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readChunks } from './read-lines.js';

it('reads back every text, whatever is in it, in chunks of the size', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-lines-'));
  try {
    const texts = ['a\nb', 'c\r', '\u2028 \u2029 \u0085 \u0001', '', '😀'.repeat(200_000), '"\\', 'last'];
    const file = join(folder, 'train.jsonl');
    const lines = texts.map((text) => JSON.stringify({ text }));
    for (const end of ['\n', '']) {
      await writeFile(file, lines.join('\n') + end);
      const chunks = [];
      for await (const chunk of readChunks(file, 3)) chunks.push(chunk);
      expect(chunks.map((chunk) => chunk.length)).toEqual([3, 3, 1]);
      expect(chunks.flat().map(({ text }) => text)).toEqual(texts);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
