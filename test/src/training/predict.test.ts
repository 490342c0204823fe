import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '@temper/contracts';
import { exportTrained, publishedFormat } from '@temper/methods';
import { openModel, readSafetensors } from '@temper/models';
import { createSessionFactory } from '@temper/onnxruntime';
import { Predictor } from '@temper/inference';
import type { TrainResult } from '@temper/training';
import { definitionOf } from '@temper/tasks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TokenRow } from '../parity/golden.js';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';
import { LAST, wordModel } from './word-model.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-predict-'));
});
afterAll(() => rm(folder, { recursive: true }));

const withTokenizer = (name: string) => wordModel(folder, name);
const textOf = (row: TokenRow) => row.input_ids.map((id) => `w${id}`).join(' ');

/** Publishes the checkpoint as the publish stage does, and opens it. */
async function publish(run: TinyRun, settings: TinySettings, result: TrainResult): Promise<Predictor> {
  const model = await openModel(settings.modelFolder);
  const files = join(folder, `exported-${Math.random()}`);
  const checkpoint = join(files, 'checkpoint');
  await run.artifacts.materialize(result.checkpoint, checkpoint, ['trainable.safetensors']);
  const weights = await readSafetensors(join(checkpoint, 'trainable.safetensors'));
  const { task } = settings;
  const labelNames = task === 'sequence-classification' ? ['a', 'b', 'c'] : [];
  const options = { model, task: definitionOf(settings).head, labelNames, weights };
  const method = run.spec.method;
  const exported = join(files, 'model');
  await exportTrained(exported, { ...options, method });
  const digest: Digest = `sha256:${'0'.repeat(64)}`;
  const artifact = await run.artifacts.putArtifact(
    'model',
    Object.fromEntries((await readdir(exported)).map((name) => [name, join(exported, name)])),
    {
      task,
      format: publishedFormat(method),
      base: run.baseModel,
      labelNames,
      maxLength: 64,
      method: { ...method },
      ...(settings.precision === 'fp16' || settings.precision === 'bf16'
        ? { precision: settings.precision }
        : {}),
      lineage: { dataset: digest, tokens: digest, checkpoint: digest, spec: digest },
      metrics: {},
    },
  );
  return Predictor.open(artifact, {
    artifacts: run.artifacts,
    sessions: createSessionFactory('cpu'),
    workFolder: join(files, 'work'),
    cacheFolder: join(files, 'cache'),
    threads: 1,
  });
}

/** What of each method learns a sentence by heart. */
const taughtBy = {
  full: { type: 'full' },
  lora: { type: 'lora', r: 8, targetModules: '.*(q|v|down|up)_proj' },
  adapter: { type: 'adapter', style: 'houlsby', reductionFactor: 1 },
  'prompt-tuning': { type: 'prompt-tuning', numVirtualTokens: 8 },
  'prefix-tuning': { type: 'prefix-tuning', numVirtualTokens: 8 },
  'projected prefix': { type: 'prefix-tuning', numVirtualTokens: 8, projection: true },
} as const;

describe('a published model', () => {
  it.each([
    ...(['full', 'lora', 'ia3', 'ln-tuning', 'loha', 'vera', 'adapter', 'prompt-tuning'] as const).map(
      (t) => [t] as const,
    ),
    ['lora', 'bf16'],
    ['ia3', 'fp16'],
  ] as const)('classifies as the evaluation did: %s %s', async (type, precision?: 'bf16' | 'fp16') => {
    const settings: TinySettings = {
      ...tinyClassifier({ epochs: 3, learningRate: 1e-2, evalStrategy: 'no' }),
      modelFolder: await withTokenizer('tiny-bert'),
      method: type === 'prompt-tuning' ? { type, numVirtualTokens: 2 } : { type },
      ...(precision ? { precision } : {}),
    };
    await using run = await TinyRun.start(settings);
    const result = await run.train();
    const { test } = await run.evaluate(result.checkpoint);
    await using predictor = await publish(run, settings, result);
    const rows = settings.splits.test!;
    const answers = await predictor.classify(rows.map(textOf));
    const confusion = [0, 1, 2].map(() => [0, 0, 0]);
    answers.forEach(({ label = '', probabilities = {} }, i) => {
      confusion[rows[i]!.labels as number]!['abc'.indexOf(label)]! += 1;
      expect(Object.values(probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(probabilities[label]).toBe(Math.max(...Object.values(probabilities)));
    });
    expect(confusion).toEqual(test.confusionMatrix);
    // Cross-entropy from the probabilities is the evaluation's loss.
    const loss = answers.reduce(
      (sum, a, i) => sum - Math.log(a.probabilities!['abc'[rows[i]!.labels as number]!]!),
      0,
    );
    expect(loss / rows.length).toBeCloseTo(test.loss as number, precision ? 6 : 4);
  });

  it.each([
    { type: 'full', ends: LAST, says: 'w14 w3 w60 w41' },
    { type: 'lora', ends: LAST, says: 'w14 w3 w60 w41' },
    // What the model's files name besides ends it too, though it goes on in the data.
    { type: 'full', ends: [LAST, 41], says: 'w14 w3 w60' },
    { type: 'lora', ends: [LAST, 41], says: 'w14 w3 w60' },
    { type: 'adapter', ends: LAST, says: 'w14 w3 w60 w41' },
    { type: 'prompt-tuning', ends: LAST, says: 'w14 w3 w60 w41' },
    { type: 'prefix-tuning', ends: LAST, says: 'w14 w3 w60 w41' },
    { type: 'projected prefix', ends: LAST, says: 'w14 w3 w60 w41' },
  ] as const)('writes on as it was taught, and ends: %o', async ({ type, ends, says }) => {
    const taught = { input_ids: [5, 9, 14, 3, 60, 41, LAST], labels: [-100, -100, 14, 3, 60, 41, LAST] };
    const settings: TinySettings = {
      ...tinyLanguageModel({ epochs: 60, learningRate: 2e-2, scheduler: 'constant', evalStrategy: 'no' }),
      splits: { train: [taught, taught], test: [taught] },
      modelFolder: await withTokenizer('tiny-llama'),
      method: taughtBy[type],
    };
    const generation = JSON.stringify({ eos_token_id: ends });
    await writeFile(join(settings.modelFolder, 'generation_config.json'), generation);
    await using run = await TinyRun.start(settings);
    const result = await run.train();
    await using predictor = await publish(run, settings, result);
    const texts: string[] = [];
    const answer = await predictor.generate('w5 w9', {
      maxNewTokens: 20,
      onText: (text) => texts.push(text),
    });
    expect(answer).toEqual({ text: says, tokens: says.split(' ').length, stopped: 'end' });
    expect(texts.at(-1)).toBe(says);
    expect(await predictor.generate('w5 w9', { maxNewTokens: 2 })).toMatchObject({
      tokens: 2,
      stopped: 'length',
    });
    const positions = 64 - (type.startsWith('pr') ? 8 : 0);
    const long = Array.from({ length: positions - 2 }, (_, i) => `w${(i % 50) + 1}`).join(' ');
    const cut = await predictor.generate(long, { maxNewTokens: 20 });
    expect(cut.tokens).toBeLessThanOrEqual(2);
    expect(['end', 'positions']).toContain(cut.stopped);
    for (const prompt of [`${long} w1 w2`, `${long} w1 w2 w3`]) {
      await expect(predictor.generate(prompt)).rejects.toMatchObject({
        code: 'DATA_INVALID',
        problems: [{ allowed: `1 to ${positions - 1}, so that an answer has a place` }],
      });
    }
  });
});
