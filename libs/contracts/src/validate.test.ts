import { describe, expect, it } from 'vitest';
import { TemperError } from './errors.js';
import { parsePipelineSpec, pipelineJsonSchema } from './validate.js';

const minimal = { name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } };
const problems = (spec: unknown) => {
  try {
    parsePipelineSpec(spec);
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
  throw new Error('the spec was accepted');
};

describe('the pipeline spec', () => {
  it('fills in every default from name, base and train alone', () => {
    const spec = parsePipelineSpec(minimal);
    expect(spec.training).toMatchObject({
      epochs: 3,
      trainBatchSize: 16,
      evalBatchSize: 64,
      maxGradNorm: 1,
      learningRate: 2e-4,
    });
    expect(spec.dataset.columns).toEqual({ text: 'text', label: 'label' });
    expect(spec.dataset.split).toMatchObject({ train: 0.8, validation: 0.1, test: 0.1, seed: 42 });
    expect(spec.publish).toEqual({ model: 'mail', alias: 'candidate', approval: false });
    expect(parsePipelineSpec({ ...minimal, method: { type: 'full' } }).training.learningRate).toBe(2e-5);
  });

  it('lets every pipeline wait under its own name, and bounds who may push ahead', () => {
    expect(parsePipelineSpec(minimal).resources).toEqual({
      pool: 'auto',
      priority: 3,
      fairnessKey: 'mail',
      fairnessWeight: 1,
      preemptible: false,
    });
    const wrong = { priority: 0, fairnessKey: 'é', fairnessWeight: 0, preemptible: 'yes' };
    expect(problems({ ...minimal, resources: wrong }).map((p) => p.path)).toEqual([
      'resources.priority',
      'resources.fairnessKey',
      'resources.fairnessWeight',
      'resources.preemptible',
    ]);
  });

  it('refuses a source that holds a password, and does not repeat it', () => {
    const [problem] = problems({ ...minimal, dataset: { train: 'https://me:hidden@example.org/a.csv' } });
    expect(problem).toMatchObject({ path: 'dataset.train', found: '"https://…@example.org/a.csv"' });
    expect(problem!.message).toContain('password');
    for (const train of ['https://example.org/a@b.csv', 's3://bucket/a@b.csv', 'hf:org/name@main']) {
      expect(parsePipelineSpec({ ...minimal, dataset: { train } }).dataset.train).toBe(train);
    }
  });

  it('reports all mistakes at once, each with its place, what was found and the nearest name', () => {
    const found = problems({
      ...minimal,
      training: { epoch: 3, trainBatchSize: 'many' },
      resources: { pool: 'gpuu' },
      method: { type: 'lorra' },
    });
    expect(found.map((p) => p.path).sort()).toEqual([
      'method.type',
      'resources.pool',
      'training.epoch',
      'training.trainBatchSize',
    ]);
    expect(found.find((p) => p.path === 'training.epoch')).toMatchObject({
      found: '3',
      hint: 'did you mean epochs?',
    });
    expect(found.find((p) => p.path === 'method.type')).toMatchObject({
      allowed: 'lora, full',
      hint: 'did you mean lora?',
    });
  });

  it('refuses columns that do not fit the task, and says which forms there are', () => {
    expect(
      problems({
        ...minimal,
        task: 'causal-lm',
        dataset: { train: 'a', columns: { text: 't', label: 'l' } },
      })[0],
    ).toMatchObject({
      path: 'dataset.columns',
      found: '{text, label}',
    });
    expect(problems({ ...minimal, dataset: { train: 'a', columns: { txt: 'x' } } })[0]!.allowed).toContain(
      '{prompt, completion}',
    );
  });

  it('says what a field of several types takes', () => {
    const wrong = (dropout: unknown) => problems({ ...minimal, model: { base: './m', dropout } });
    expect(wrong('configs')).toEqual([
      {
        path: 'model.dropout',
        message: 'fits none of the allowed forms',
        found: '"configs"',
        allowed: 'config or number ≥ 0 < 1',
        hint: 'did you mean config?',
      },
    ]);
    expect(wrong(1)).toMatchObject([{ path: 'model.dropout', found: '1' }]);
    expect(parsePipelineSpec({ ...minimal, model: { base: './m', dropout: 'config' } }).model.dropout).toBe(
      'config',
    );
  });

  it('keeps a null maxGradNorm, which switches clipping off', () => {
    expect(
      parsePipelineSpec({ ...minimal, training: { maxGradNorm: null } }).training.maxGradNorm,
    ).toBeNull();
  });

  it('has a JSON Schema for editors', () => {
    expect(pipelineJsonSchema()).toMatchObject({ type: 'object', required: ['name', 'model', 'dataset'] });
  });
});
