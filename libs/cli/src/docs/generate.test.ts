import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generatedDocs } from './generate.js';

const root = new URL('../../../../', import.meta.url);

describe('the generated documentation', () => {
  it.each(Object.entries(generatedDocs()))(
    '%s is current (npm run build && node infra/workspace/docs.mjs)',
    async (path, text) => {
      expect(await readFile(new URL(path, root), 'utf8')).toBe(text);
    },
  );

  it.each([
    ['docs/spec.md', 45],
    ['docs/sweep-spec.md', 14],
  ])('says of every field what it is for: %s', (file, least) => {
    const rows = generatedDocs()
      [file]!.split('\n')
      .filter((l) => l.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(least);
    const bare = rows.filter((l) => l.endsWith('|  |'));
    expect(bare.map((l) => l.split('`')[1])).toEqual([]);
  });
});
