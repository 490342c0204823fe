/** Texts that are generated at the evaluation: what they say is held to `predict`, and a gate bounds what is measured of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gateProblems, type PipelineSpecInput } from '@temper/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TextRun } from './text-run.js';
import { textScores } from './text-scores.js';
import { wordModel } from './word-model.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-written-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A question each, and the answers that are to be learnt by heart. */
const rows = [
  { prompt: 'w11 w12 w13', completion: ' w21 w22 w23 w24 w25' },
  { prompt: 'w31 w32', completion: ' w41 w42 w43 w44' },
  { prompt: 'w51', completion: ' w61 w62 w63' },
];
const gate = { rougeL: { min: 0.9 } };
const learning: PipelineSpecInput['training'] = {
  ...{ epochs: 40, trainBatchSize: 3, learningRate: 1e-2, evalStrategy: 'no', scheduler: 'constant' },
};

const start = async (name: string, spec: Pick<PipelineSpecInput, 'evaluation' | 'method' | 'training'>) =>
  TextRun.start(join(folder, name), {
    modelFolder: await wordModel(join(folder, `${name}-model`), 'tiny-llama'),
    rows: { train: rows, test: rows },
    spec: { task: 'causal-lm', columns: { prompt: 'prompt', completion: 'completion' }, ...spec },
  });

describe('texts that are generated at the evaluation', () => {
  it.each(['full', 'lora', 'prompt-tuning'] as const)(
    'are those of predict, and a gate bounds their scores: %s',
    async (type) => {
      const method = type === 'prompt-tuning' ? { type, numVirtualTokens: 8 } : { type };
      const run = await start(type, {
        method,
        training: learning,
        evaluation: { gate, maxNewTokens: 8 },
      });
      const trained = await run.train();
      const { base, test } = await run.evaluate(trained.checkpoint);
      const { predictor } = await run.publish(trained);
      await using model = predictor;
      const texts = [];
      for (const { prompt, completion } of rows) {
        const { text } = await model.generate(prompt, { maxNewTokens: 8 });
        texts.push({ reference: completion.trim(), written: text.trim() });
      }
      expect(test).toMatchObject({ ...textScores(texts), generated: { rows: 3, of: 3, maxNewTokens: 8 } });
      if (type === 'full') expect(test).toMatchObject({ exactMatch: 1, rougeL: 1, generated: { cutOff: 0 } });
      expect(base.rougeL).toBeLessThan(0.5);
      expect(gateProblems(gate, base)).toMatchObject([{ metric: 'rougeL', rule: 'at least 0.9' }]);
      if (type === 'full') expect(gateProblems(gate, test)).toEqual([]);
    },
  );

  it('are the same again, of the rows that are chosen, and kept for the base model', async () => {
    const evaluation = { metrics: ['bleu'], generationRows: 2, maxNewTokens: 3 };
    const run = await start('again', { training: { ...learning, epochs: 1 }, evaluation });
    const { checkpoint } = await run.train();
    const first = await run.evaluate(checkpoint);
    expect(first.test).toMatchObject({ generated: { rows: 2, of: 3, maxNewTokens: 3 } });
    expect(await run.evaluate(checkpoint)).toEqual({ ...first, baseCached: true });
  });

  it('are not generated where nothing asks for them', async () => {
    const run = await start('none', { training: { ...learning, epochs: 1 } });
    const { base, test } = await run.evaluate((await run.train()).checkpoint);
    for (const metrics of [base, test]) expect(Object.keys(metrics)).not.toContain('generated');
  });
});
