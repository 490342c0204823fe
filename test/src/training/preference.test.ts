/** Preferences, from a user's texts to `predict`, held to TRL's DPOTrainer (make_preference.py). */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTinyChat } from '../parity/card-models.js';
import { readGolden } from '../parity/golden.js';
import { TextRun } from './text-run.js';

interface Golden {
  readonly loss: 'dpo' | 'ipo' | 'orpo';
  readonly form: string;
  readonly beta: number;
  readonly labelSmoothing?: number;
  /** Where it is not the model's own. */
  readonly template?: string;
  readonly rows: { readonly train: readonly object[]; readonly test: readonly object[] };
  readonly steps: readonly number[];
  readonly metrics: Readonly<Record<string, number>>;
}

const words = 'a good film and bad meal the day was very fine so it felt poor'.split(' ');
const sentence = (i: number, length: number) =>
  Array.from({ length }, (_, k) => words[(7 * i + 3 * k + i * k) % words.length]).join(' ');
const said = (role: string, content: string) => [{ role, content }];
const pairs = (from: number, count: number) =>
  Array.from({ length: count }, (_, k) => {
    const i = from + k;
    return {
      prompt: said('user', sentence(i, 2 + (i % 3))),
      chosen: said('assistant', `good ${sentence(i + 1, 1 + (i % 4))}`),
      rejected: said('assistant', `bad ${sentence(i + 2, 1 + (i % 3))}`),
    };
  });
const rows = { train: pairs(0, 24), test: pairs(40, 20) };

let folder: string;
let chat: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-preference-'));
  chat = await writeTinyChat(join(folder, 'chat'));
});
afterAll(() => rm(folder, { recursive: true }));

const training: NonNullable<PipelineSpecInput['training']> = {
  ...{ maxSteps: 12, trainBatchSize: 6, learningRate: 5e-3, weightDecay: 0, shuffle: false },
  ...{ scheduler: 'constant', evalStrategy: 'no', maxGradNorm: 1e9 },
};
const start = (name: string, spec: Partial<PipelineSpecInput> = {}) => startOf(name, rows, spec);
const startOf = (
  name: string,
  given: Golden['rows'],
  spec: Partial<PipelineSpecInput>,
  modelFolder = chat,
) => {
  const columns = Object.fromEntries(Object.keys(given.train[0]!).map((name) => [name, name]));
  return TextRun.start(join(folder, name), {
    ...{ modelFolder, rows: given },
    spec: {
      columns: columns as { chosen: string; rejected: string },
      ...{ tokenize: { maxLength: 64 }, method: { type: 'full' }, training, ...spec },
    },
  });
};

/** The tiny model with another chat template; with none, prompt and answer are one text. */
async function withTemplate(name: string, chat_template: string | undefined): Promise<string> {
  const copy = join(folder, name);
  await cp(chat, copy, { recursive: true });
  const file = join(copy, 'tokenizer_config.json');
  const { chat_template: _, ...config } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...config, ...(chat_template ? { chat_template } : {}) }));
  return copy;
}

it.each(readGolden<Golden[]>('preference.json'))(
  "$loss of $form at β $beta, smoothed by $labelSmoothing, goes as TRL's, step by step, and rewards are measured as there",
  async ({ loss, form, beta, labelSmoothing, template, rows: given, steps, metrics }) => {
    const name = `golden ${loss} ${form} ${beta} ${labelSmoothing}`;
    const own = template === undefined && form.endsWith('chat');
    const model = own ? chat : await withTemplate(`${name} model`, template);
    const more = { maxSteps: steps.length, learningRate: 1e-3, loss, beta, labelSmoothing };
    const run = await startOf(name, given, { training: { ...training, ...more } }, model);
    const result = await run.train();
    const losses = await run.losses();
    expect(losses).toHaveLength(20);
    steps.forEach((x, i) => expect(Math.abs(losses[i]! / x - 1), `step ${i + 1}`).toBeLessThan(1e-4));
    const { test } = await run.evaluate(result.checkpoint);
    for (const [metric, value] of Object.entries(metrics))
      expect(Math.abs((test[metric] as number) - value), metric).toBeLessThan(1e-4);
  },
);

it.each([1, 3, 16])('the model before has gained nothing, evaluated by %i', async (evalBatchSize) => {
  // In batches of 1 and 3 its log probabilities round otherwise than in those of the reference.
  const run = await start(`before ${evalBatchSize}`, { training: { ...training, evalBatchSize } });
  const { base, test } = await run.evaluate((await run.train()).checkpoint);
  expect(base).toMatchObject({ loss: Math.LN2, rewardAccuracy: 0, examples: 20 });
  for (const name of ['rewardMargin', 'rewardChosen', 'rewardRejected']) expect(base[name], name).toBe(0);
  expect(test.rewardAccuracy).toBeGreaterThan(0.5);
});

it('is one checkpoint, and one evaluation, whether the log probabilities of the model before were known or not', async () => {
  const run = await start('known', { training: { ...training, maxSteps: 2, beta: 0.5 } });
  const { checkpoint } = await run.train();
  const { rows } = await run.evaluate(checkpoint);
  expect((await run.train('another')).checkpoint).toEqual(checkpoint);
  expect((await run.evaluate(checkpoint)).rows).toEqual(rows);
});

it.each(['prompt-tuning', 'prefix-tuning'] as const)(
  '%s learns it from a fresh start, with pairs of like lengths together',
  async (type) => {
    const more = { maxSteps: 16, learningRate: 3e-2, groupByLength: true, shuffle: true };
    const method = { type, numVirtualTokens: 4 };
    // Of the model's 64 positions the virtual tokens take four.
    const run = await start(`${type} by length`, {
      ...{ method, tokenize: { maxLength: 60 } },
      training: { ...training, ...more },
    });
    const result = await run.train();
    const losses = await run.losses();
    // Without its virtual tokens the model is the reference; with fresh ones it is not.
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    const { base, test } = await run.evaluate(result.checkpoint);
    expect(base.rewardMargin).toBe(0);
    expect(test.rewardMargin).toBeGreaterThan(0);
    expect(test.rewardAccuracy).toBeGreaterThan(0.5);
  },
);

it('rewards have 95% intervals', async () => {
  const run = await start('intervals');
  const { test, comparison } = await run.evaluate((await run.train()).checkpoint);
  const intervals = test.interval95 as Readonly<Record<string, readonly [number, number]>>;
  for (const name of ['loss', 'rewardMargin', 'rewardAccuracy', 'rewardChosen', 'rewardRejected']) {
    const [low, high] = intervals[name]!;
    expect(low, name).toBeLessThanOrEqual(test[name] as number);
    expect(high, name).toBeGreaterThanOrEqual(test[name] as number);
    expect(high, name).toBeGreaterThan(low);
  }
  expect(comparison).toMatchObject({ metric: 'loss', base: Math.fround(Math.LN2) });
});

describe.each(['full', 'lora'] as const)('%s', (type) => {
  it.each(['dpo', 'ipo', 'orpo'] as const)('learns by %s which answer is better', async (loss) => {
    const run = await start(`${type} ${loss}`, { method: { type }, training: { ...training, loss } });
    const result = await run.train();
    const losses = await run.losses();
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    // Before the first step the model is the reference.
    if (loss === 'dpo') expect(losses[0]).toBeCloseTo(Math.LN2, 5);
    if (loss === 'ipo') expect(losses[0]).toBeCloseTo(25, 3);
    const { base, test } = await run.evaluate(result.checkpoint);
    expect(base.loss).toBeCloseTo(Math.LN2, 5);
    expect(base.rewardMargin).toBeCloseTo(0, 5);
    expect(test.rewardMargin).toBeGreaterThan(0);
    expect(test.rewardAccuracy).toBeGreaterThan(0.5);
    expect((test.rewardChosen as number) - (test.rewardRejected as number)).toBeCloseTo(
      test.rewardMargin as number,
      6,
    );
  });
});
