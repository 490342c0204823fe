import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ModelMeta } from '@temper/contracts';
import { Predictor } from '@temper/inference';
import { createSessionFactory } from '@temper/onnxruntime';
import { ArtifactStore, MemoryStore } from '@temper/storage';
import { temper, type Ended } from '../cli/temper.js';
import { sentences, writeCsv, writeTinyBert } from '../cli/tiny-classifier.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const succeeded = ({ code, stdout, stderr }: Ended): string => {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
};
const read = async <T>(...names: string[]) => JSON.parse(await readFile(at(...names), 'utf8')) as T;
const exportTo = (model: string, target: string, format: string) =>
  temper(folder, 'models', 'export', model, target, '--format', format, '--json');

const texts = ['the day was very good', 'the meal was so awful', 'it felt lovely and bright'];
interface Answer {
  readonly label?: string;
  readonly labels?: readonly string[];
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What a folder says that holds a whole model: no store, base model or adapter is at hand. */
async function answersOf(name: string): Promise<Answer[]> {
  const artifacts = new ArtifactStore(new MemoryStore(), { cacheFolder: at(`cache-${name}`) });
  const files = (await readdir(at(name))).map((file) => [file, at(name, file)] as const);
  const meta = await read<ModelMeta>(name, 'temper.json');
  const model = await artifacts.putArtifact('model', Object.fromEntries(files), meta);
  await using predictor = await Predictor.open(model, {
    ...{ artifacts, sessions: createSessionFactory('cpu'), threads: 1 },
    ...{ workFolder: at(`work-${name}`), cacheFolder: at(`cache-${name}`) },
  });
  return (await predictor.classify(texts)) as Answer[];
}

async function train(name: string, changed: object): Promise<void> {
  const spec = {
    ...{ name, model: { base: 'model' }, dataset: { train: 'train.csv' }, tokenize: { maxLength: 32 } },
    training: { maxSteps: 12, trainBatchSize: 8, learningRate: 2e-2 },
    evaluation: { gate: 'none' },
    publish: { model: name },
    ...changed,
  };
  await writeFile(at(`${name}.yaml`), stringify(spec));
  succeeded(await temper(folder, 'run', `${name}.yaml`, '--json'));
}

const writeRows = (name: string, rows: readonly object[]) =>
  writeFile(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-export-e2e-'));
  await writeTinyBert(at('model'));
  await writeCsv(at('train.csv'), sentences(80));
  const labelled = sentences(80).map(({ text, label }, i) => ({
    text,
    label: i % 3 ? [label] : [label, 'x'],
  }));
  await writeRows('labelled.jsonl', labelled);
  const scored = sentences(80).map(({ text }, i) => ({ text, label: (i % 7) / 2 + 0.25 }));
  await writeRows('scored.jsonl', scored);
});
afterAll(async () => {
  await temper(folder, 'down');
  await rm(folder, { recursive: true });
});

describe('temper models export', () => {
  it.each([
    ['lora', { type: 'lora', r: 4 }, 'LORA'],
    ['dora', { type: 'lora', r: 4, useDora: true }, 'LORA'],
    ['qlora', { type: 'qlora', r: 4 }, 'LORA'],
    ['ia3', { type: 'ia3' }, 'IA3'],
  ])(
    '%s: as an adapter, and merged with the answers of the published model',
    async (name, method, peftType) => {
      await train(name, { method });
      succeeded(await exportTo(name, `${name}-peft`, 'peft'));
      expect(await readdir(at(`${name}-peft`))).not.toContain('model.safetensors');
      expect(await read(`${name}-peft`, 'adapter_config.json')).toMatchObject({ peft_type: peftType });

      const said = succeeded(await exportTo(name, `${name}-merged`, 'merged'));
      expect(JSON.parse(said)).toMatchObject({ name, version: 1, format: 'full' });
      const files = await readdir(at(`${name}-merged`));
      expect(files).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']));
      expect(files).not.toContain('adapter_config.json');
      await expectSame(name, `${name}-merged`);
    },
  );

  it('full: as it is, and as no adapter', async () => {
    await train('full', { method: { type: 'full' } });
    const refused = await exportTo('full', 'full-peft', 'peft');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('trained whole') as string });
    expect(await readdir(folder)).not.toContain('full-peft');
    succeeded(await exportTo('full', 'full-merged', 'merged'));
    await expectSame('full', 'full-merged');
  });

  it.each([
    [
      'prompt-tuning',
      { numVirtualTokens: 4 },
      { peft_type: 'PROMPT_TUNING', num_virtual_tokens: 4 },
      'in front of each text',
    ],
    [
      'adapter',
      { style: 'houlsby', reductionFactor: 8 },
      { peft_type: 'TEMPER_BOTTLENECK', style: 'houlsby' },
      'with a non-linearity',
    ],
  ] as const)('%s: as an adapter, and merged by no means', async (type, settings, config, why) => {
    await train(type, { method: { type, ...settings } });
    const refused = await exportTo(type, `${type}-merged`, 'merged');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(new RegExp(`an adapter of method ${type} cannot be merged: .*${why}`));
    expect(await readdir(folder)).not.toContain(`${type}-merged`);
    succeeded(await exportTo(type, `${type}-peft`, 'peft'));
    expect(await read(`${type}-peft`, 'adapter_config.json')).toMatchObject(config);
  });

  it('several labels a text: the merged model says what its numbers are', async () => {
    await train('labels', {
      problemType: 'multi_label_classification',
      task: 'sequence-classification',
      dataset: { train: 'labelled.jsonl' },
      method: { type: 'lora', r: 4 },
    });
    succeeded(await exportTo('labels', 'labels-merged', 'merged'));
    expect(await read('labels-merged', 'config.json')).toMatchObject({
      problem_type: 'multi_label_classification',
      num_labels: 3,
    });
    await expectSame('labels', 'labels-merged');
  });

  it('a number of a text: the merged model says that it is one', async () => {
    await train('score', {
      problemType: 'regression',
      task: 'sequence-classification',
      dataset: { train: 'scored.jsonl' },
      method: { type: 'lora', r: 4 },
    });
    succeeded(await exportTo('score', 'score-merged', 'merged'));
    expect(await read('score-merged', 'config.json')).toMatchObject({
      problem_type: 'regression',
      num_labels: 1,
    });
  });
});

async function expectSame(model: string, merged: string): Promise<void> {
  const asked = await temper(folder, 'predict', model, ...texts, '--json');
  const expected = JSON.parse(succeeded(asked)) as Answer[];
  const found = await answersOf(merged);
  expect(found).toHaveLength(expected.length);
  expected.forEach(({ probabilities }, i) => {
    const names = Object.keys(probabilities);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) expect(found[i]!.probabilities[name]).toBeCloseTo(probabilities[name]!, 5);
  });
}
