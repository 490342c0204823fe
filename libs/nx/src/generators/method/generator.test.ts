import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';
import { checkout, mistakesIn } from '../testing/checkout.js';
import methodGenerator from './generator.js';

const methods = 'libs/methods/src';
const files = [
  `${methods}/schema/index.ts`,
  `${methods}/table.ts`,
  `${methods}/ln-tuning.ts`,
  `${methods}/schema/ln-tuning.ts`,
  'test/src/parity/matrix/methods.py',
  'docs/methods.md',
];

describe('a new method', () => {
  it('begins as one whose types are right, everywhere that the docs list', async () => {
    const tree = checkout(files);
    await methodGenerator(tree, {
      name: 'bit-fit',
      peftType: 'BITFIT',
      learningRate: 4e-4,
      skipFormat: true,
    });
    const schemas = tree.read(files[0]!, 'utf-8')!;
    expect(schemas).toContain("import { bitFitSchema } from './bit-fit.js';\nimport { fullSchema }");
    expect(schemas).toMatch(/ {2}'bit-fit': bitFitSchema,\n\} as const/);
    expect(tree.read(files[1]!, 'utf-8')).toMatch(/ {2}'bit-fit': bitFit,\n\};/);
    expect(tree.read(`${methods}/schema/bit-fit.ts`, 'utf-8')).toContain('learningRate: 0.0004,');
    expect(tree.read(`${methods}/bit-fit.ts`, 'utf-8')).toContain("peftType: 'BITFIT'");
    expect(tree.read(files[4]!, 'utf-8')).toContain('    "bit-fit": ln_tuning,');
    expect(tree.read(files[5]!, 'utf-8')).toContain('| `bit-fit` | so far the norms alone | 0.0004 |');
    const made = [`${methods}/bit-fit.ts`, `${methods}/schema/bit-fit.ts`];
    expect(mistakesIn(tree, [...files.slice(0, 2), ...made])).toEqual([]);
  }, 300_000);

  it('of one word needs no quotes', async () => {
    const tree = checkout(files);
    await methodGenerator(tree, { name: 'oft', skipFormat: true });
    expect(tree.read(files[1]!, 'utf-8')).toMatch(/ {2}oft,\n\};/);
    expect(tree.read(files[0]!, 'utf-8')).toContain('  oft: oftSchema,');
  });

  it('is refused where there is one of that name', async () => {
    const tree = checkout(files);
    await expect(methodGenerator(tree, { name: 'ln-tuning' })).rejects.toThrow(/is there already/);
  });
});

it('elsewhere it says where it belongs', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  await expect(methodGenerator(tree, { name: 'x' })).rejects.toThrow(/belongs into a checkout of it/);
});
