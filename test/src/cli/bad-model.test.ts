import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@temper/models';
import { goldenFolder } from '@temper/models/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { temper } from './temper.js';
import { sentences, writeCsv, writeTinyBert } from './tiny-classifier.js';

let folder: string;
const at = (name: string) => join(folder, name);
const good = {
  name: 'bad-model',
  model: { base: 'model' },
  dataset: { train: 'train.csv' },
  method: { type: 'full' } as object,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-model-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(40));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(spec: object): Promise<{ code: number; said: string }> {
  await writeFile(at('spec.yaml'), stringify(spec));
  const { code, stderr, stdout } = await temper(folder, 'run', 'spec.yaml', '--check');
  expect(stderr).not.toMatch(/\n\s+at .*[:(]\d+/);
  return { code: code!, said: stdout + stderr };
}

describe('the check of a base model and an adapter, from the command line', () => {
  it('names the tensor with NaN, and the setting that has no room, at once', async () => {
    await cp(at('model'), at('spoiled'), { recursive: true });
    const tensors = await readSafetensors(at('model/model.safetensors'));
    const [name, tensor] = [...tensors].find(([key]) => key.endsWith('intermediate.dense.weight'))!;
    (tensor.data as Float32Array)[2] = NaN;
    await writeSafetensors(at('spoiled/model.safetensors'), tensors);
    const method = { type: 'lora', targetModules: ['query'], initFrom: goldenFolder('llama-adapter') };
    const { code, said } = await check({ ...good, model: { base: 'spoiled' }, method });
    expect(code).toBe(2);
    expect(said).toContain(name);
    expect(said).toContain('NaN or infinite');
    expect(said).toContain('modules that the base model does not have');
  });

  it('takes vocab.txt for a tokenizer, tells entries that have no row, and lengths beyond the positions', async () => {
    await cp(at('model'), at('words'), { recursive: true });
    const json = JSON.parse(await readFile(at('model/tokenizer.json'), 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    const words = Object.entries(json.model.vocab).sort(([, a], [, b]) => a - b);
    await rm(at('words/tokenizer.json'));
    await writeFile(at('words/vocab.txt'), words.map(([word]) => `${word}\n`).join(''));
    await writeFile(at('words/added_tokens.json'), JSON.stringify({ '<beyond>': words.length }));
    const { code, said } = await check({ ...good, model: { base: 'words' }, tokenize: { maxLength: 4000 } });
    expect(said).toMatch(/tokenizer: 1 entries \("<beyond>"\) have no row/);
    expect(said).toMatch(/tokenize.maxLength 4,000 is more than the model's [\d,]+ positions/);
    expect(code).toBe(0);
    const short = await check({ ...good, tokenize: { maxLength: 2 } });
    expect(short.code).toBe(2);
    expect(short.said).toMatch(/tokenize.maxLength: leaves no room for text beside the 2 tokens/);
  });

  it('tells rows whose answers would be cut off, and refuses where none is left', async () => {
    const rows = ['a', 'a b c d e f g h i j k l m n o p q r s t'].map((prompt) => ({
      prompt,
      completion: 'x',
    }));
    const write = (name: string, some: readonly object[]) =>
      writeFile(at(name), some.map((row) => `${JSON.stringify(row)}\n`).join(''));
    // An empty one is cleaning's to count.
    await write('both.jsonl', [...rows, { prompt: 'a b', completion: '' }]);
    await write('long.jsonl', rows.slice(1));
    await cp(goldenFolder('llama-tiny'), at('writes'), { recursive: true });
    await cp(at('model/tokenizer.json'), at('writes/tokenizer.json'));
    const config = { eos_token: '[SEP]', pad_token: '[PAD]' };
    await writeFile(at('writes/tokenizer_config.json'), JSON.stringify(config));
    const spec = { ...good, model: { base: 'writes' }, tokenize: { maxLength: 8 } };
    const both = await check({ ...spec, dataset: { train: 'both.jsonl' } });
    expect(both.said).toContain(
      '1 of 3 rows of train are left out: what stands before their answers fills the 8 tokens that an example may have',
    );
    expect(both.code).toBe(0);
    const none = await check({ ...spec, dataset: { train: 'long.jsonl' } });
    expect(none.said).toContain('tokenize.maxLength: no example of train would count');
    expect(none.code).toBe(2);
  });
});
