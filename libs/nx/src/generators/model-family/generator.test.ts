import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';
import { checkout, mistakesIn } from '../testing/checkout.js';
import modelFamilyGenerator from './generator.js';

const architectures = 'libs/models/src/architectures';
const files = [
  `${architectures}/registry.ts`,
  `${architectures}/bert.ts`,
  'test/src/parity/matrix/families.py',
  'libs/models/src/goldens/make_encoders.py',
  'docs/models.md',
];

describe('a new family', () => {
  it('of decoders begins as a Llama whose types are right, everywhere that the docs list', async () => {
    const tree = checkout(files);
    await modelFamilyGenerator(tree, { name: 'new_lm', className: 'NewLM', skipFormat: true });
    const registry = tree.read(files[0]!, 'utf-8')!;
    expect(registry).toContain("import { mpnet } from './mpnet.js';\nimport { newLm } from './new-lm.js';");
    expect(registry).toMatch(/ {2}smollm3,\n {2}newLm,\n\} satisfies/);
    expect(tree.read(files[2]!, 'utf-8')).toContain('    "new_lm": ("new_lm", DECODER');
    expect(tree.read(files[4]!, 'utf-8')).toContain('| `new_lm` | nothing yet |');
    expect(mistakesIn(tree, [files[0]!, `${architectures}/new-lm.ts`])).toEqual([]);
  }, 300_000);

  it('of encoders begins as a BERT with names of its own', async () => {
    const tree = checkout(files);
    await modelFamilyGenerator(tree, { name: 'ernie-x', kind: 'encoder', skipFormat: true });
    const text = tree.read(`${architectures}/ernie-x.ts`, 'utf-8')!;
    expect(text).toContain("classes: { 'ernie-x': encoderClasses('ErnieX') }");
    expect(text).toContain('layerOf: /^ernie_x\\.encoder');
    expect(text).not.toMatch(/'bert\.|bert:/);
    expect(tree.read(files[3]!, 'utf-8')).toContain('    "ernie-x": ("ErnieX", SIZES, RATES');
    expect(mistakesIn(tree, [files[0]!, `${architectures}/ernie-x.ts`])).toEqual([]);
  }, 300_000);

  it('is refused where there is one of that name', async () => {
    const tree = checkout([...files, `${architectures}/gpt-j.ts`]);
    await expect(modelFamilyGenerator(tree, { name: 'gpt-j' })).rejects.toThrow(/gpt-j\.ts is there already/);
  });
});

it('elsewhere it says where it belongs', async () => {
  const tree = createTreeWithEmptyWorkspace({ formatter: 'none' });
  const before = tree.listChanges().length;
  await expect(modelFamilyGenerator(tree, { name: 'x' })).rejects.toThrow(/belongs into a checkout of it/);
  expect(tree.listChanges()).toHaveLength(before);
});
