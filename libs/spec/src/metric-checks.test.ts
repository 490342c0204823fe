import { describe, expect, it } from 'vitest';
import { TemperError } from '@temper/contracts';
import { parseSweepSpec } from './sweep-validate.js';
import { parsePipelineSpec } from './validate.js';

const minimal = { name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } };
const writing = { ...minimal, task: 'causal-lm' };
const problems = (parse: () => unknown) => {
  try {
    parse();
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
  return [];
};
const inGate = (gate: unknown, spec: object = minimal) =>
  problems(() => parsePipelineSpec({ ...spec, evaluation: { gate } }));
const best = (metricForBestModel: string, spec: object = minimal) =>
  problems(() => parsePipelineSpec({ ...spec, training: { metricForBestModel } }));

describe('names of metrics', () => {
  it.each([
    ['eval_f1', 'did you mean f1? Metrics are named without the split'],
    ['eval_loss', 'did you mean loss? Metrics are named without the split'],
    ['test/accuracy', 'did you mean accuracy? Metrics are named without the split'],
    ['f1_macro', 'did you mean f1?'],
    ['eval_f1_macro', 'did you mean f1?'],
    ['f1_micro', 'did you mean f1Micro?'],
    ['acc', 'did you mean accuracy?'],
    ['acuracy', 'did you mean accuracy?'],
    ['F1', 'did you mean f1?'],
    ['perplexity', 'perplexity is a metric of causal-lm'],
    [
      'recall_spam',
      'metrics of one class are in the report; here only averages over all classes, e.g. recall',
    ],
  ])('%s for classification', (name, hint) => {
    expect(best(name)).toMatchObject([
      {
        path: 'training.metricForBestModel',
        message: 'no such metric for sequence-classification',
        found: name,
        allowed: 'f1, accuracy, precision, recall, f1Micro, mcc, rocAuc, averagePrecision, ece, loss',
        hint,
      },
    ]);
  });

  it.each([
    ['ppl', 'did you mean perplexity?'],
    ['mean_token_accuracy', 'did you mean tokenAccuracy?'],
    ['accuracy', 'did you mean tokenAccuracy?'],
    ['f1', 'f1 is a metric of sequence-classification'],
    ['bleu', 'name bleu in evaluation.metrics, or bound it in evaluation.gate'],
    ['wer', undefined],
  ])('%s for language models', (name, hint) => {
    expect(best(name, writing)[0]?.hint).toBe(hint);
  });

  it('are told in the gate and in the list too, shortened, and never guessed from the whole of JavaScript', () => {
    expect(inGate({ f2: { min: 0.5 }, constructor: { min: 0 }, ['x'.repeat(9000)]: {} })).toMatchObject([
      { path: 'evaluation.gate.f2', found: 'f2', hint: 'did you mean f1?' },
      { path: 'evaluation.gate.constructor' },
      { found: 'x'.repeat(60) },
    ]);
    const evaluation = { metrics: ['rouge', 'f1', 'eval_recall'] };
    expect(problems(() => parsePipelineSpec({ ...minimal, evaluation })).map((p) => p.path)).toEqual([
      'evaluation.metrics.0',
      'evaluation.metrics.2',
    ]);
  });

  it('a sweep tells them where they are written', () => {
    const sweep = { name: 's', search: { 'training.seed': { values: [1, 2] } } };
    const found = (more: object, pipeline: object = minimal) =>
      problems(() => parseSweepSpec({ ...sweep, pipeline, ...more })).map((p) => p.path);
    expect(found({ objective: { metric: 'eval_f1' } })).toEqual(['objective.metric']);
    expect(found({ objective: { metric: 'perplexity' } })).toEqual(['objective.metric']);
    expect(found({}, { ...minimal, training: { metricForBestModel: 'f2' } })).toEqual([
      'pipeline.training.metricForBestModel',
    ]);
    expect(found({ search: { 'training.metricForBestModel': { values: ['f1', 'f2'] } } })).toEqual([
      'search.training.metricForBestModel',
    ]);
  });
});

describe('bounds of the gate', () => {
  it.each([
    [{ f1: { min: 1.2 } }, 'no value fits', 'f1 is between 0 and 1', undefined],
    [
      { accuracy: { min: 80 } },
      'no value fits',
      'accuracy is between 0 and 1',
      'a share, not percent: min 0.8',
    ],
    [{ loss: { max: -0.1 } }, 'no value fits', 'loss is at least 0', undefined],
    [{ f1: { min: 0.9, max: 0.5 } }, 'min is greater than max', undefined, undefined],
    [{ examples: { max: -1 } }, 'no value fits', 'examples is at least 0', undefined],
  ])('%j', (gate, message, allowed, hint) => {
    const [problem, ...others] = inGate(gate);
    expect(others).toEqual([]);
    expect(problem!.message).toContain(message);
    expect(problem).toMatchObject({ path: `evaluation.gate.${Object.keys(gate)[0]}` });
    expect([problem!.allowed, problem!.hint]).toEqual([allowed, hint]);
  });

  it('a perplexity below one cannot be', () => {
    expect(inGate({ perplexity: { max: 0.9 } }, writing)).toMatchObject([
      { allowed: 'perplexity is at least 1' },
    ]);
  });

  it.each([
    [{ f1: { min: NaN } }, 'evaluation.gate.f1.min'],
    [{ f1: { min: Infinity } }, 'evaluation.gate.f1.min'],
    [{ f1: { min: '0.5' } }, 'evaluation.gate.f1.min'],
    [{ f1: { minimum: 0.5 } }, 'evaluation.gate.f1.minimum'],
    [{ f1: 0.5 }, 'evaluation.gate.f1'],
    ['nothing', 'evaluation.gate'],
  ])('%j is told at %s', (gate, path) => {
    expect(inGate(gate).map((p) => p.path)).toEqual([path]);
  });

  it('may touch the ends, bound counts, and be left out altogether', () => {
    expect(inGate({ f1: { min: 0, max: 1 }, loss: { max: 0 }, examples: { min: 30 }, recall: {} })).toEqual(
      [],
    );
    expect(inGate({ perplexity: { max: 1 }, countedTokens: { min: 1000 } }, writing)).toEqual([]);
    expect(parsePipelineSpec({ ...minimal, evaluation: { gate: 'none' } }).evaluation.gate).toBe('none');
  });
});

describe('metrics of generated texts', () => {
  const evaluated = (evaluation: object, columns?: object) =>
    problems(() =>
      parsePipelineSpec({
        ...writing,
        dataset: { ...minimal.dataset, ...(columns && { columns }) },
        evaluation,
      }),
    );

  it('can be reported and bounded, and no checkpoint is chosen by them', () => {
    expect(evaluated({ metrics: ['rougeL', 'bleu'], gate: { rougeL: { min: 0.2 } } })).toEqual([]);
    expect(best('rougeL', writing)).toMatchObject([
      {
        message: expect.stringContaining('generated texts, once'),
        allowed: 'loss, perplexity, tokenAccuracy',
      },
    ]);
    expect(evaluated({ gate: { bleu: { min: 101 } } })).toMatchObject([
      { allowed: 'bleu is between 0 and 100' },
    ]);
  });

  it('need prompts', () => {
    expect(evaluated({ metrics: ['bleu'] }, { text: 'body' })).toMatchObject([
      { path: 'dataset.columns', found: '{text}' },
    ]);
    expect(evaluated({ metrics: ['loss'] }, { text: 'body' })).toEqual([]);
    expect(evaluated({ metrics: ['bleu'] }, { prompt: 'p', completion: 'c' })).toEqual([]);
  });
});
