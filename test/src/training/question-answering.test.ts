/** Answers found in a text, from a user's file to `predict`. What it is made of is held to references where it is: pairs of texts, the loss, scores, gradients. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TextRun } from './text-run.js';
import { wordModel } from './word-model.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-answers-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Row {
  readonly question: string;
  readonly context: string;
  readonly answers: { readonly text: readonly string[]; readonly answer_start: readonly number[] };
}

/** A word of 10 to 24 and one of 25 to 39 behind it answer; there is no answer where there are none. */
function rowsOf(count: number, seed: number): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const word = (first: number, of: number, step: number) => `w${first + ((i * step + seed) % of)}`;
    const before = Array.from({ length: 1 + (i % 3) }, (_, k) => word(40 + 10 * k, 10, k + 1));
    const found = `${word(10, 15, 7)} ${word(25, 15, 4)}`;
    const context = [...before, ...(i % 4 === 3 ? [] : [found]), word(70, 20, 1), word(5, 4, 3)].join(' ');
    const answers =
      i % 4 === 3
        ? { text: [], answer_start: [] }
        : { text: [found], answer_start: [context.indexOf(found)] };
    return { question: `w${1 + (i % 4)}`, context, answers };
  });
}

const training: PipelineSpecInput['training'] = {
  ...{ epochs: 40, trainBatchSize: 8, learningRate: 5e-3, scheduler: 'constant', evalStrategy: 'no' },
};
const rows = { train: rowsOf(60, 0), test: rowsOf(16, 2) };
const columns = { question: 'question', context: 'context', answers: 'answers' };

describe('answers in a text', () => {
  it('are learnt, measured as SQuAD measures them, published and found', async () => {
    const run = await TextRun.start(join(folder, 'whole'), {
      modelFolder: await wordModel(join(folder, 'model'), 'tiny-bert'),
      rows,
      spec: { columns, method: { type: 'full' }, training },
    });
    expect(run.spec.task).toBe('question-answering');
    expect(run.spec.training.metricForBestModel).toBe('f1');
    const { meta } = await run.artifacts.manifest(run.tokens);
    expect(meta).toMatchObject({ labelKind: 'span', head: { from: 'new' } });
    const result = await run.train();
    const losses = await run.losses();
    expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]!);
    const { base, test } = await run.evaluate(result.checkpoint);
    expect(test.exactMatch).toBeGreaterThan(0.8);
    expect(test.f1).toBeGreaterThanOrEqual(test.exactMatch as number);
    expect(base!.f1).toBeLessThan(test.f1 as number);
    expect(test.interval95).toHaveProperty('exactMatch');

    const { predictor, folder: exported } = await run.publish(result);
    await using _ = predictor;
    const config = JSON.parse(await readFile(join(exported, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ architectures: ['BertForQuestionAnswering'] });
    const readings = await predictor.find(rows.test);
    const right = rows.test.filter(({ answers }, i) => (answers.text[0] ?? '') === readings[i]!.answer);
    // Words here are words of the script, so that equal texts are what it counts.
    expect(right.length / rows.test.length).toBe(test.exactMatch);
    readings.forEach(({ answer, score, start, end }, i) => {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
      if (answer) expect(rows.test[i]!.context.slice(start, end)).toBe(answer);
      else expect(start).toBeUndefined();
    });
    await expect(predictor.find([{ question: 'w1 '.repeat(600), context: 'w2' }])).rejects.toMatchObject({
      code: 'DATA_INVALID',
    });
  });

  it('are learnt by an adapter, which has the head', async () => {
    const run = await TextRun.start(join(folder, 'adapter'), {
      modelFolder: await wordModel(join(folder, 'other'), 'tiny-bert'),
      rows,
      spec: { columns, method: { type: 'lora' }, training: { ...training, epochs: 2 } },
    });
    const { predictor, folder: exported } = await run.publish(await run.train());
    await using _ = predictor;
    const config = JSON.parse(await readFile(join(exported, 'adapter_config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ task_type: 'QUESTION_ANS', modules_to_save: ['qa_outputs'] });
    expect(await predictor.find(rows.test)).toHaveLength(rows.test.length);
  });

  it('that are cut off are left out, and told', async () => {
    const context = `${'w9 '.repeat(30)}w3 w2`;
    const cut = { question: 'w1', context, answers: { text: ['w2'], answer_start: [93] } };
    const run = await TextRun.start(join(folder, 'cut'), {
      modelFolder: await wordModel(join(folder, 'short'), 'tiny-bert'),
      rows: { ...rows, train: [...rows.train, cut] },
      spec: { columns, method: { type: 'full' }, training, tokenize: { maxLength: 16 } },
    });
    const { meta } = await run.artifacts.manifest(run.tokens);
    expect(meta.cleaning.dropped.answerCutOff).toBe(1);
    expect(meta.splits.train!.longest).toBeLessThanOrEqual(16);
  });

  it('keep their texts where they are measured alone', async () => {
    const run = await TextRun.start(join(folder, 'texts'), {
      modelFolder: await wordModel(join(folder, 'texts-model'), 'tiny-bert'),
      rows,
      spec: { columns, method: { type: 'full' }, training },
    });
    const { files } = await run.artifacts.manifest(run.tokens);
    const names = files.map(({ path }) => path).filter((name) => name.includes('passages'));
    expect(names).toEqual(['test.passages.jsonl']);
    const lines = new TextDecoder().decode(await run.artifacts.readFile(run.tokens, 'test.passages.jsonl'));
    expect(JSON.parse(lines.split('\n')[0]!)).toMatchObject({
      answers: rows.test[0]!.answers.text,
      text: rows.test[0]!.context,
      first: 1,
    });
  });
});
