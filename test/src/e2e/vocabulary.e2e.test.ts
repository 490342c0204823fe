import { goldenFolder } from '@temper/models/testing';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { temper } from '../cli/temper.js';

let folder: string;
const at = (name: string) => join(folder, name);

const merges = ['t h', 'th e', 'Ġ a'];
const tokens = [
  '<|endoftext|>',
  'Ġ',
  ...'abcdefghijklmnopqrstuvw',
  ...merges.map((two) => two.replace(' ', '')),
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-vocabulary-'));
  await cp(goldenFolder('llama-tiny'), at('model'), { recursive: true });
  await writeFile(at('model/vocab.json'), JSON.stringify(Object.fromEntries(tokens.map((t, id) => [t, id]))));
  await writeFile(at('model/merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`);
  const settings = { tokenizer_class: 'GPT2Tokenizer', add_bos_token: true };
  await writeFile(at('model/tokenizer_config.json'), JSON.stringify(settings));
  const letter = (i: number) => 'abcdefghijklmnopqrst'[i % 20];
  const row = (_: unknown, i: number) =>
    `${JSON.stringify({ text: `the ${letter(i)} ${letter(i * 7)}${letter(i * 3)} a${letter(Math.floor(i / 20))}` })}\n`;
  await writeFile(at('train.jsonl'), Array.from({ length: 60 }, row).join(''));
  const spec = {
    name: 'vocabulary',
    task: 'causal-lm',
    model: { base: 'model' },
    dataset: { train: 'train.jsonl', columns: { text: 'text' } },
    tokenize: { maxLength: 16 },
    method: { type: 'lora', targetModules: ['q_proj'] },
    training: { epochs: 1, trainBatchSize: 8 },
    publish: { model: 'of-a-vocabulary' },
  };
  await writeFile(at('spec.yaml'), stringify(spec));
});
afterAll(async () => {
  await temper(folder, 'down');
  await rm(folder, { recursive: true });
});

it('a base with a vocabulary alone is checked, trained from, published with its tokenizer.json, and predicts', async () => {
  expect(await readdir(at('model'))).not.toContain('tokenizer.json');
  const checked = await temper(folder, 'run', 'spec.yaml', '--check');
  expect(checked).toMatchObject({ code: 0 });
  const ran = await temper(folder, 'run', 'spec.yaml', '--json');
  expect(ran).toMatchObject({ code: 0 });
  const exported = await temper(folder, 'models', 'export', 'of-a-vocabulary', './out');
  expect(exported).toMatchObject({ code: 0 });
  const made = JSON.parse(await readFile(at('out/tokenizer.json'), 'utf8')) as {
    model: { type: string; merges: unknown };
    post_processor: { single: unknown };
  };
  expect(made.model).toMatchObject({ type: 'BPE', merges: merges.map((two) => two.split(' ')) });
  expect(made.post_processor.single).toEqual([
    { SpecialToken: { id: '<|endoftext|>', type_id: 0 } },
    { Sequence: { id: 'A', type_id: 0 } },
  ]);
  const predicted = await temper(folder, 'predict', 'of-a-vocabulary', 'the a');
  expect(predicted).toMatchObject({ code: 0 });
  expect(predicted.stdout.trim()).not.toBe('');
});
