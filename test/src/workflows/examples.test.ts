import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testServer } from './test-server.js';

const root = join(import.meta.dirname, '../../..');

// What docs/testing.md shows is a test by itself.
process.env['TEMPER_TEST_SERVER'] = await testServer();
await import('../../../docs/examples/refused.test.js');

it('pages show the programs as they run: node infra/workspace/docs.mjs', async () => {
  // @ts-expect-error a script of the workspace, without types
  const { withExamples } = (await import('../../../infra/workspace/examples.mjs')) as {
    withExamples(page: string, root: string): string;
  };
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const pages = names.map((name) => readFileSync(join(root, 'docs', name), 'utf8'));
  for (const page of pages) expect(withExamples(page, root)).toBe(page);
  const shown = pages.flatMap((page) =>
    [...page.matchAll(/<!-- docs\/examples\/(\S+) -->/g)].map((m) => m[1]!),
  );
  expect(shown.sort()).toEqual(readdirSync(join(root, 'docs/examples')).sort());
});
