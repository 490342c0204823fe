/** Texts of evaluations are those of `predict` for what else a run can be: a chat, an adapter to go on from, quantised or packed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChatMessage } from '@temper/contracts';
import type { Predictor, Prompt } from '@temper/inference';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TextRun } from './text-run.js';
import { textScores } from './text-scores.js';
import { wordModel } from './word-model.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-written-by-'));
});
afterAll(() => rm(folder, { recursive: true }));

const MAX = 8;
const evaluation = { metrics: ['exactMatch', 'rougeL'], maxNewTokens: MAX };
const training: PipelineSpecInput['training'] = {
  ...{ epochs: 30, trainBatchSize: 3, learningRate: 1e-2, evalStrategy: 'no', scheduler: 'constant' },
};
const rows = [
  { prompt: 'w11 w12 w13', completion: ' w21 w22 w23 w24 w25' },
  { prompt: 'w31 w32', completion: ' w41 w42 w43 w44' },
  { prompt: 'w51', completion: ' w61 w62 w63' },
];
const columns = { prompt: 'prompt', completion: 'completion' };

type Settings = Omit<PipelineSpecInput, 'name' | 'model' | 'dataset' | 'task' | 'evaluation'>;
let runs = 0;
const start = async (settings: Settings) =>
  TextRun.start(join(folder, `run-${runs++}`), {
    modelFolder: await wordModel(join(folder, 'model'), 'tiny-llama'),
    rows: { train: rows, test: rows },
    spec: { task: 'causal-lm', columns, training, evaluation, ...settings },
  });

/** The scores of what `predict` writes. */
async function scoresOf(model: Predictor, asked: readonly { prompt: Prompt; reference: string }[]) {
  const texts = [];
  for (const { prompt, reference } of asked) {
    const { text } = await model.generate(prompt, { maxNewTokens: MAX });
    texts.push({ reference, written: text.trim() });
  }
  return textScores(texts);
}
const asked = rows.map(({ prompt, completion }) => ({ prompt, reference: completion.trim() }));

it('are those of the adapter to start from, for the model before', async () => {
  const method = { type: 'lora', r: 4, targetModules: 'all-linear' } as const;
  const first = await start({ method });
  const taught = await first.train();
  const { predictor, folder: initFrom } = await first.publish(taught);
  await using model = predictor;
  const expected = await scoresOf(model, asked);
  expect(expected.rougeL).toBeGreaterThan(0);
  const second = await start({ method: { ...method, initFrom }, training: { ...training, epochs: 1 } });
  const trained = await second.train();
  const { base, test } = await second.evaluate(trained.checkpoint);
  expect(base).toMatchObject(expected);
  const published = await second.publish(trained);
  await using after = published.predictor;
  expect(test).toMatchObject(await scoresOf(after, asked));
});

it.each([{ doubleQuantization: false }, { doubleQuantization: true }])(
  'are those of a quantised model: %o',
  async ({ doubleQuantization }) => {
    const run = await start({
      method: { type: 'qlora', r: 8, targetModules: 'all-linear', doubleQuantization },
    });
    const trained = await run.train();
    const { test } = await run.evaluate(trained.checkpoint);
    const { predictor } = await run.publish(trained);
    await using model = predictor;
    const expected = await scoresOf(model, asked);
    expect(expected.rougeL).toBeGreaterThan(0.5);
    expect(test).toMatchObject(expected);
  },
);

it('are of each row apart where trainings pack several into a sequence', async () => {
  const run = await start({ method: { type: 'full' }, tokenize: { maxLength: 32, packing: true } });
  const trained = await run.train();
  const { test } = await run.evaluate(trained.checkpoint);
  const { predictor } = await run.publish(trained);
  await using model = predictor;
  expect(test).toMatchObject({ ...(await scoresOf(model, asked)), exactMatch: 1, generated: { rows: 3 } });
});

const said = (...contents: readonly string[]): ChatMessage[] =>
  contents.map((content, i) => ({ role: i % 2 ? 'assistant' : 'user', content }));

it('are of the first answer of a conversation, asked for as its chat template asks', async () => {
  const chats = [said('w11 w12', 'w21 w22 w23'), said('w31', 'w41 w42', 'w51', 'w61')];
  const run = await TextRun.start(join(folder, 'chat'), {
    modelFolder: await wordModel(join(folder, 'chat-model'), 'tiny-llama', { chat: true }),
    rows: { train: chats.map((messages) => ({ messages })), test: chats.map((messages) => ({ messages })) },
    spec: {
      ...{ task: 'causal-lm', columns: { messages: 'messages' }, evaluation },
      ...{ method: { type: 'full' }, training },
    },
  });
  const trained = await run.train();
  const { test } = await run.evaluate(trained.checkpoint);
  const { predictor } = await run.publish(trained);
  await using model = predictor;
  const first = chats.map(([question, answer]) => ({ prompt: [question!], reference: answer!.content! }));
  // The closing, which ends an answer, is no part of it; nor is the opening.
  expect(await scoresOf(model, first)).toMatchObject({ exactMatch: 1 });
  expect(test).toMatchObject({ exactMatch: 1, generated: { rows: 2, cutOff: 0 } });
});
