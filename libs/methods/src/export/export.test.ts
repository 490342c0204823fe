import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildForward, openModel, readSafetensors } from '@temper/models';
import { goldenFolder, largestDifference, logitsOf, readGolden, type Golden } from '@temper/models/testing';
import { settledBy } from '../adapter/settle.js';
import { readMethodSpec, type LoraSpec } from '../schema/index.js';
import { exportMerged, exportTrained } from './export.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});
afterEach(() => rm(folder, { recursive: true }));

const json = async (name: string) =>
  JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
const lora = (r: number, alpha: number, targetModules?: string[]): LoraSpec => ({
  type: 'lora',
  r,
  alpha,
  dropout: 0,
  targetModules,
});
const full = { type: 'full' } as const;

describe('the export of a whole model', () => {
  it('is a folder with the trained weights, the base’s others, and the classes', async () => {
    const base = await openModel(goldenFolder('bert-bare'));
    const trained = await readSafetensors(join(goldenFolder('bert-tiny'), 'model.safetensors'));
    const labelNames = ['ham', 'spam', 'other'];
    await exportTrained(folder, {
      ...{ model: base, task: 'sequence-classification', method: full },
      ...{ labelNames, weights: trained },
    });
    expect(await json('config.json')).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      num_labels: 3,
      id2label: { 0: 'ham', 1: 'spam', 2: 'other' },
      label2id: { ham: 0, spam: 1, other: 2 },
      problem_type: 'single_label_classification',
    });
    const golden = readGolden('bert-tiny/golden.json');
    const { graph, initialized } = buildForward(await openModel(folder), {
      task: 'sequence-classification',
      seed: 0,
    });
    expect(initialized).toEqual([]);
    expect(largestDifference(logitsOf(graph, folder, golden), golden.logits)).toBeLessThan(2e-5);
  });

  it('is complete, or refused by the name of what is missing', async () => {
    const base = await openModel(goldenFolder('bert-bare'));
    const exported = exportTrained(folder, {
      model: base,
      method: full,
      task: 'sequence-classification',
      labelNames: ['a', 'b'],
      weights: new Map(),
    });
    await expect(exported).rejects.toThrow(
      /bert\.pooler\.dense\.weight: is neither among the trained weights/,
    );
  });

  it('has the norms that were tuned in the place of the base’s: the logits are PEFT’s', async () => {
    const made = fileURLToPath(new URL('../goldens/peft/ln-tuning', import.meta.url));
    const method = settledBy(readMethodSpec({ type: 'ln-tuning', initFrom: made }), made);
    const weights = await readSafetensors(join(made, 'adapter_model.safetensors'));
    const model = await openModel(goldenFolder('llama-tiny'));
    await exportMerged(folder, { model, task: 'causal-lm', labelNames: [], weights, method });
    const golden = JSON.parse(await readFile(join(made, 'golden.json'), 'utf8')) as Golden;
    const { graph } = buildForward(await openModel(folder), { task: 'causal-lm', seed: 0 });
    expect(largestDifference(logitsOf(graph, folder, golden), golden.logits)).toBeLessThan(5e-5);
  });

  it('merges an adapter: the logits are PEFT’s', async () => {
    const model = await openModel(goldenFolder('llama-tiny'));
    const weights = await readSafetensors(join(goldenFolder('llama-adapter'), 'adapter_model.safetensors'));
    await exportMerged(folder, {
      model,
      task: 'causal-lm',
      labelNames: [],
      weights,
      method: lora(2, 6, ['q_proj', 'down_proj']),
    });
    const golden = readGolden('llama-adapter/golden.json');
    const { graph } = buildForward(await openModel(folder), { task: 'causal-lm', seed: 0 });
    expect(largestDifference(logitsOf(graph, folder, golden), golden.logits)).toBeLessThan(5e-5);
    expect(await json('config.json')).not.toHaveProperty('id2label');
  });
});

describe('the export of an adapter', () => {
  it('has PEFT’s files: the same weights, and the settings that matter', async () => {
    const source = goldenFolder('bert-adapter');
    const weights = await readSafetensors(join(source, 'adapter_model.safetensors'));
    await exportTrained(folder, {
      model: await openModel(goldenFolder('bert-tiny')),
      task: 'sequence-classification',
      labelNames: ['a', 'b', 'c'],
      weights,
      method: lora(2, 6),
      baseName: 'bert-tiny',
    });
    expect(await readSafetensors(join(folder, 'adapter_model.safetensors'))).toEqual(weights);
    const saved = JSON.parse(await readFile(join(source, 'adapter_config.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const written = await json('adapter_config.json');
    const { base_model_name_or_path, target_modules, ...settings } = written;
    expect(base_model_name_or_path).toBe('bert-tiny');
    expect(target_modules).toEqual([...(saved.target_modules as string[])].sort());
    expect(saved).toMatchObject(settings);
  });

  it('saves a head that was made from the seed as a module of its own', async () => {
    const weight = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
    await exportTrained(folder, {
      model: await openModel(goldenFolder('bert-tiny')),
      task: 'sequence-classification',
      labelNames: ['a', 'b', 'c'],
      method: lora(1, 1, ['query']),
      weights: new Map([
        ['base_model.model.bert.encoder.layer.0.attention.self.query.lora_A.weight', weight],
        ['base_model.model.bert.pooler.dense.weight', weight],
        ['base_model.model.classifier.bias', weight],
      ]),
    });
    expect((await json('adapter_config.json')).modules_to_save).toEqual([
      'classifier',
      'score',
      'bert.pooler.dense',
    ]);
  });

  it('names what PEFT trains whole by itself no second time', async () => {
    const weight = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
    await exportTrained(folder, {
      model: await openModel(goldenFolder('encoders/roberta')),
      task: 'sequence-classification',
      labelNames: ['a', 'b', 'c'],
      method: lora(1, 1, ['query']),
      weights: new Map([
        ['base_model.model.classifier.dense.weight', weight],
        ['base_model.model.classifier.out_proj.bias', weight],
        ['base_model.model.pre_classifier.bias', weight],
      ]),
    });
    expect((await json('adapter_config.json')).modules_to_save).toEqual(['classifier', 'score']);
  });

  it.each(['regression', 'multi_label_classification', 'single_label_classification'])(
    'merged says that its problem is %s: transformers takes the loss and the labels from it',
    async (problemType) => {
      const model = await openModel(goldenFolder('bert-tiny'));
      const made = goldenFolder('bert-adapter');
      const weights = await readSafetensors(join(made, 'adapter_model.safetensors'));
      const method = settledBy(readMethodSpec({ type: 'lora', initFrom: made }), made);
      const labelNames = ['a', 'b', 'c'];
      await exportMerged(folder, {
        ...{ model, task: 'sequence-classification', problemType },
        ...{ labelNames, weights, method },
      });
      expect(await json('config.json')).toMatchObject({ problem_type: problemType, num_labels: 3 });
    },
  );
});
