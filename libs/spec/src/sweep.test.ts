import { describe, expect, it } from 'vitest';
import { TemperError } from '@temper/contracts';
import { gridSize, trialParams, trialRunId, trialSpec, uniform } from './sweep-sampling.js';
import { parseSweepSpec, sweepJsonSchema } from './sweep-validate.js';

const pipeline = { name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } };
const rate = { min: 1e-5, max: 1e-1, scale: 'log' };
const minimal = { name: 'rates', pipeline, search: { 'training.learningRate': rate } };
const problems = (spec: unknown) => {
  try {
    parseSweepSpec(spec);
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
  throw new Error('the spec was accepted');
};
const paths = (spec: unknown) => problems(spec).map((p) => p.path);

describe('the sweep spec', () => {
  it('fills in every default from name, pipeline and search alone', () => {
    expect(parseSweepSpec(minimal)).toMatchObject({
      strategy: 'random',
      trials: 10,
      seed: 0,
      parallel: 2,
      objective: { metric: 'f1', mode: 'max', split: 'validation' },
      asha: { minimum: { epochs: 3 / 9 }, reductionFactor: 3 },
      pipeline: { publish: { model: 'mail', alias: 'candidate' } },
    });
  });

  it('derives mode from the metric, the first rung from the length, the grid from its values', () => {
    const steps = { ...pipeline, training: { maxSteps: 100 } };
    const spec = parseSweepSpec({ ...minimal, pipeline: steps, objective: { metric: 'loss' } });
    expect(spec.objective).toMatchObject({ metric: 'loss', mode: 'min' });
    expect(spec.pipeline.training.metricForBestModel).toBe('loss');
    expect(spec.asha.minimum).toEqual({ steps: 12 });
    const search = { 'method.r': { values: [4, 8] }, 'training.seed': { values: [1, 2, 3] } };
    expect(parseSweepSpec({ ...minimal, strategy: 'grid', search }).trials).toBe(6);
    expect(parseSweepSpec({ ...minimal, publish: { model: 'best' } }).pipeline.publish).toEqual({
      model: 'best',
      alias: 'candidate',
      approval: false,
    });
  });

  it('gives whole methods all their fields, and says which defaults follow from them', () => {
    const search = { method: { values: [{ type: 'full' }, { type: 'lora', r: 4 }] } };
    expect(problems({ ...minimal, search })[0]).toMatchObject({
      path: 'search.method',
      message: expect.stringContaining('training.learningRate') as string,
    });
    const withRate = { ...pipeline, training: { learningRate: 1e-4 } };
    const spec = parseSweepSpec({ ...minimal, pipeline: withRate, search });
    expect(spec.search.method).toEqual({
      values: [{ type: 'full' }, { type: 'lora', r: 4, alpha: 16, dropout: 0 }],
    });
  });

  it('reports all mistakes at once: of the sweep, the pipeline, and each searched value', () => {
    expect(
      paths({ ...minimal, paralel: 2, pipeline: { ...pipeline, training: { epoch: 1 } } }).sort(),
    ).toEqual(['paralel', 'pipeline.training.epoch']);
    const search = {
      'training.learnRate': { values: [1] },
      'training.trainBatchSize': { values: [8, 'many'] },
      'training.weightDecay': { min: 0, max: 0.1, scale: 'log' },
      'dataset.train': { values: ['b.csv'] },
      'method.r': { min: 8, max: 2, integer: true },
    };
    const found = problems({ ...minimal, search, objective: { metric: 'f2' } });
    expect(found.map((p) => p.path).sort()).toEqual([
      'objective.metric',
      'search.dataset.train',
      'search.method.r',
      'search.training.learnRate',
      'search.training.trainBatchSize',
      'search.training.weightDecay',
    ]);
    expect(found.find((p) => p.path === 'search.training.learnRate')!.hint).toBe(
      'did you mean learningRate?',
    );
  });

  it('refuses what cannot be compared or counted', () => {
    const withTraining = (training: object) => ({ ...minimal, pipeline: { ...pipeline, training } });
    expect(paths(withTraining({ evalStrategy: 'no' }))).toEqual(['pipeline.training.evalStrategy']);
    const split = { train: 0.9, validation: 0, test: 0.1 };
    expect(paths({ ...minimal, pipeline: { ...pipeline, dataset: { train: 'a', split } } })).toEqual([
      'pipeline.dataset.split.validation',
    ]);
    expect(paths({ ...minimal, strategy: 'grid' })).toEqual(['search.training.learningRate']);
    expect(paths({ ...minimal, search: {} })).toEqual(['search']);
    expect(paths({ ...minimal, asha: { minSteps: 1, minEpochs: 1 } })).toEqual(['asha']);
    expect(problems({ ...minimal, strategy: 'bayes' })[0]).toMatchObject({ allowed: 'grid, random, asha' });
  });

  it('has a JSON Schema for editors', () => {
    expect(sweepJsonSchema()).toMatchObject({ type: 'object', required: ['name', 'pipeline', 'search'] });
  });
});

describe('sampling', () => {
  const spec = parseSweepSpec({
    ...minimal,
    search: {
      'training.learningRate': rate,
      'training.trainBatchSize': { values: [4, 8, 16] },
      'method.r': { min: 2, max: 5, integer: true },
    },
  });
  const many = Array.from({ length: 3000 }, (_, i) => trialParams(spec, i));

  it('depends on the seed, the index and the field alone', () => {
    expect(trialParams(spec, 7)).toEqual(many[7]);
    expect(trialParams({ ...spec, seed: 1 }, 7)).not.toEqual(many[7]);
    const { 'method.r': _, ...fewer } = spec.search;
    expect(trialParams({ ...spec, search: fewer }, 7)['training.learningRate']).toBe(
      many[7]!['training.learningRate'],
    );
    expect(many[0]).toEqual(trialParams(spec, 0));
  });

  it('draws evenly: decades of a logarithmic range, choices, both ends of integers', () => {
    const shares = (key: (p: (typeof many)[0]) => unknown) => {
      const counts = new Map<unknown, number>();
      for (const params of many) counts.set(key(params), (counts.get(key(params)) ?? 0) + 1);
      return [...counts.values()].map((n) => n / many.length);
    };
    const decades = shares((p) => Math.floor(Math.log10(p['training.learningRate'] as number) + 1e-9));
    for (const [found, wanted] of [
      [decades.filter((share) => share > 0.01), 1 / 4],
      [shares((p) => p['training.trainBatchSize']), 1 / 3],
      [shares((p) => p['method.r']), 1 / 4],
    ] as const) {
      expect(found).toHaveLength(Math.round(1 / wanted));
      for (const share of found) expect(Math.abs(share - wanted)).toBeLessThan(0.03);
    }
    for (const { 'training.learningRate': value } of many) {
      expect(value).toBeGreaterThanOrEqual(1e-5);
      expect(value).toBeLessThanOrEqual(1e-1);
    }
  });

  it('has no two equal numbers for neighbouring places', () => {
    const drawn = new Set(Array.from({ length: 20_000 }, (_, i) => uniform(`0/${i}/training.learningRate`)));
    expect(drawn.size).toBe(20_000);
  });

  it('goes through a grid as nested loops would', () => {
    const search = { 'method.r': { values: [4, 8] }, 'training.seed': { values: [1, 2, 3] } };
    const grid = { search, strategy: 'grid', seed: 0 } as const;
    const points = Array.from({ length: gridSize(search) }, (_, i) => Object.values(trialParams(grid, i)));
    expect(points).toEqual([
      [4, 1],
      [4, 2],
      [4, 3],
      [8, 1],
      [8, 2],
      [8, 3],
    ]);
  });

  it('changes the pipeline in the named places alone', () => {
    const changed = trialSpec(spec.pipeline, { 'training.learningRate': 5, method: { type: 'full' } });
    expect(changed).toEqual({
      ...spec.pipeline,
      method: { type: 'full' },
      training: { ...spec.pipeline.training, learningRate: 5 },
    });
    expect(spec.pipeline.method.type).toBe('lora');
    expect(trialRunId('rates-1', 7)).toBe('rates-1-t0007');
  });
});
