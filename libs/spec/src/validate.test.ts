import { describe, expect, it } from 'vitest';
import { formatProblem, TemperError } from '@temper/contracts';
import { foreignHints } from './foreign-names.js';
import { pipelineSpecSchema } from './pipeline-spec.js';
import { fieldPaths } from './schema-walk.js';
import { parsePipelineSpec, pipelineJsonSchema, readPipelineSpec } from './validate.js';

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

  it('takes what is to be kept of ended runs, and tells ages and parts that are none', () => {
    const retention = { checkpoints: { last: 3, best: 'whole' }, runs: '90d', logs: 'forever' } as const;
    expect(parsePipelineSpec({ ...minimal, retention }).retention).toEqual(retention);
    expect(parsePipelineSpec(minimal)).not.toHaveProperty('retention');
    const wrong = { checkpoints: { last: 0, best: 'half' }, runs: '90 days' };
    expect(problems({ ...minimal, retention: wrong }).map((p) => p.path)).toEqual([
      'retention.checkpoints.last',
      'retention.checkpoints.best',
      'retention.runs',
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
      hint: 'here: training.epochs',
    });
    expect(found.find((p) => p.path === 'method.type')).toMatchObject({
      allowed: expect.stringMatching(/^lora, qlora, full, .*prefix-tuning/) as string,
      hint: 'did you mean lora?',
    });
  });

  it('reports what does not go together in the same pass as what is wrong by itself', () => {
    const found = problems({
      task: 'sequence-classification',
      model: {},
      dataset: { train: 'a.csv', columns: { prompt: 'q', completion: 'a' }, split: { train: 2, test: 0.3 } },
      training: { trainBatchSize: 0, metricForBestModel: 'eval_f1', typo: 1 },
      evaluation: { metrics: ['accuracy', 'rouge'], gate: { f2: { min: 0.5 } } },
      methods: {},
    });
    expect(found.map((p) => p.path).sort()).toEqual([
      'dataset.columns',
      'dataset.split.train',
      'evaluation.gate.f2',
      'evaluation.metrics.1',
      'methods',
      'model.base',
      'name',
      'training.metricForBestModel',
      'training.trainBatchSize',
      'training.typo',
    ]);
    // Which columns and metrics are right depends on the task.
    const unknown = { ...minimal, task: 'classify', training: { metricForBestModel: 'perplexity' } };
    expect(problems(unknown).map((p) => p.path)).toEqual(['task']);
    expect(problems('a spec')).toHaveLength(1);
  });

  it('takes the task that follows from the columns', () => {
    const taskOf = (columns: object) =>
      parsePipelineSpec({ ...minimal, dataset: { train: 'a', columns } }).task;
    expect(taskOf({ text: 't', label: 'l' })).toBe('sequence-classification');
    expect(taskOf({ text: 't' })).toBe('causal-lm');
    expect(taskOf({ prompt: 'q', completion: 'a' })).toBe('causal-lm');
    expect(taskOf({ instruction: 'i', input: 'j', output: 'o' })).toBe('causal-lm');
    expect(taskOf({ messages: 'm' })).toBe('causal-lm');
  });

  it('knows how much is hidden of texts whose hidden tokens are learnt, and of no others', () => {
    const hiding = { ...minimal, task: 'masked-lm', dataset: { train: 'a', columns: { text: 't' } } };
    expect(parsePipelineSpec(hiding).training).toMatchObject({ mlmProbability: 0.15 });
    expect(parsePipelineSpec({ ...hiding, training: { mlmProbability: 1 } }).training.mlmProbability).toBe(1);
    const ids = { ...hiding, dataset: { train: 'a', columns: { inputIds: 'i', labels: 'l' } } };
    expect(parsePipelineSpec(ids).training).not.toHaveProperty('mlmProbability');
    expect(problems({ ...ids, training: { mlmProbability: 0.2 } })).toMatchObject([
      { path: 'training.mlmProbability', allowed: 'only with {text}' },
    ]);
    expect(problems({ ...hiding, training: { mlmProbability: 0 } })).toMatchObject([
      { path: 'training.mlmProbability', found: '0' },
    ]);
    expect(parsePipelineSpec(minimal).training).not.toHaveProperty('mlmProbability');
    expect(problems({ ...minimal, training: { mlmProbability: 0.15 } })).toMatchObject([
      { path: 'training.mlmProbability', allowed: 'only with task masked-lm' },
    ]);
  });

  it('knows the losses of each task, and the settings of each loss', () => {
    const rates = { loss: 'focal', focalGamma: 1, classWeights: { spam: 3 } };
    expect(parsePipelineSpec({ ...minimal, training: rates }).training).toMatchObject(rates);
    expect(problems({ ...minimal, task: 'causal-lm', training: { loss: 'focal' } })).toMatchObject([
      { path: 'training.loss', found: 'focal', allowed: 'cross-entropy' },
    ]);
    expect(problems({ ...minimal, training: { focalGamma: 1 } })).toMatchObject([
      { path: 'training.focalGamma', allowed: 'with training.loss focal' },
    ]);
    const severalLabels = { ...minimal, problemType: 'multi_label_classification' };
    expect(problems({ ...severalLabels, training: { labelSmoothing: 0.1 } })).toMatchObject([
      { path: 'training.labelSmoothing', allowed: 'none' },
    ]);
    expect(problems({ ...minimal, training: { labelSmoothing: 1 } })).toMatchObject([
      { path: 'training.labelSmoothing', found: '1' },
    ]);
    expect(problems({ ...minimal, training: { classWeights: { spam: 0 } } })).toMatchObject([
      { path: expect.stringContaining('training.classWeights') as string },
    ]);
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

  it.each([
    ['num_train_epochs', 3, 'here: training.epochs'],
    ['per_device_train_batch_size', 8, 'here: training.trainBatchSize'],
    ['lr', 1, 'here: training.learningRate'],
    ['lora_alpha', 16, 'here: method.alpha'],
    ['optim', 'adamw_torch', 'here: training.optimizer'],
    ['load_in_4bit', true, 'here: method.type: qlora'],
    ['pref_beta', 0.1, 'here: training.beta'],
    ['ref_model', './m', 'The model before the training is what dpo and ipo compare with; leave it out'],
    ['learningRate', 1, 'here: training.learningRate'],
    ['maxlength', 1, 'here: tokenize.maxLength'],
    ['tf32', true, 'Training computes in fp32; leave it out'],
    ['bf16', true, 'here: model.precision: bf16, of the frozen base; products are computed in fp32'],
  ])('says where %s is written', (name, value, hint) => {
    for (const spec of [
      { ...minimal, [name]: value },
      { ...minimal, method: { type: 'lora', [name]: value } },
    ]) {
      const [problem, ...others] = problems(spec);
      expect(others).toEqual([]);
      expect(problem).toMatchObject({ message: 'unknown field', hint });
      expect(problem).not.toHaveProperty('allowed');
    }
  });

  it.each([
    ['task', { ...minimal, task: 'dpo' }, 'did you mean preference?'],
    ['training.loss', { ...minimal, training: { loss: 'sigmoid' } }, 'did you mean dpo?'],
  ])('says what %s is called here', (path, spec, hint) => {
    expect(problems(spec)).toEqual([expect.objectContaining({ path, hint })]);
  });

  it.each([
    ['full', /^method full trains the weights of the base/],
    ['qlora', /^method qlora keeps the base in 4 bits/],
  ])('has no precision of a frozen base beside %s', (type, message) => {
    const spec = { ...minimal, model: { base: './m', precision: 'bf16' }, method: { type } };
    expect(problems(spec)).toEqual([
      expect.objectContaining({
        path: 'model.precision',
        found: 'bf16',
        message: expect.stringMatching(message),
      }),
    ]);
    expect(parsePipelineSpec({ ...spec, method: { type: 'ia3' } }).model.precision).toBe('bf16');
    expect(problems({ ...spec, model: { base: './m', precision: 'int8' } })).toEqual([
      expect.objectContaining({ path: 'model.precision', found: '"int8"', allowed: 'fp32, fp16, bf16' }),
    ]);
  });

  it('names only places that there are, whatever other tools call them', () => {
    const places = new Set(fieldPaths(pipelineSpecSchema).map((path) => path.join('.')));
    for (const hint of foreignHints()) {
      const place = /^here: ([a-zA-Z0-9.]+)/.exec(hint)?.[1];
      if (place) expect([...places]).toContain(place);
    }
  });

  it('lists the allowed names once', () => {
    const found = problems({ ...minimal, training: { qqqqqqq: 1, wwwwwww: 2 } });
    expect(found.map((p) => p.allowed !== undefined)).toEqual([true, false]);
  });

  it('gives what is right of a spec with mistakes, so that its files can be looked at', () => {
    const { spec, problems: found } = readPipelineSpec({
      ...minimal,
      training: { trainBatchSize: 0, num_train_epochs: 3 },
      method: { type: 'lorra' },
      dataset: { train: 'a.csv', columns: { text: 'txt', label: 'label' } },
    });
    expect(found.map((p) => p.path)).toEqual([
      'method.type',
      'training.trainBatchSize',
      'training.num_train_epochs',
    ]);
    expect(spec!.dataset.columns).toEqual({ text: 'txt', label: 'label' });
    expect(readPipelineSpec({ name: 'a' }).spec).toBeUndefined();
    expect(readPipelineSpec(null).spec).toBeUndefined();
    expect(readPipelineSpec({ ...minimal, name: '/' }).spec).toBeDefined();
  });

  it('takes a method without a type for LoRA', () => {
    const { method } = parsePipelineSpec({ ...minimal, method: { r: 4 } });
    expect(method).toMatchObject({ type: 'lora', r: 4, alpha: 16 });
    expect(parsePipelineSpec(minimal).method).toMatchObject({ type: 'lora', r: 8 });
  });

  it('tells what stands beside a type that is none, and beside a bound that is none', () => {
    const found = problems({
      ...minimal,
      method: { type: 'LORA', lora_alpha: 32, r: 8.5 },
      evaluation: { gate: { loss: 0.5, eval_f1: { min: 0.5 } } },
    });
    expect(found.map((p) => p.path)).toEqual([
      'method.type',
      'evaluation.gate.loss',
      'method.r',
      'method.lora_alpha',
      'evaluation.gate.eval_f1',
    ]);
  });

  it('of a value with a toString of its own, wherever it stands', () => {
    const odd = { toString: 'x', valueOf: 1 };
    for (const field of ['task', 'training', 'model', 'method', 'evaluation', 'dataset']) {
      expect(problems({ ...minimal, [field]: odd }).length).toBeGreaterThan(0);
    }
    expect(problems({ ...minimal, training: { optimizer: odd } })).toMatchObject([
      { path: 'training.optimizer' },
    ]);
    expect(problems({ ...minimal, evaluation: { gate: { f1: odd } } }).length).toBeGreaterThan(0);
  });

  it.each([
    [{ method: 'lora' }, 'method', '{ type: lora }'],
    [{ model: './m' }, 'model', '{ base: ./m }'],
    [{ dataset: 'a.csv' }, 'dataset', '{ train: a.csv }'],
    [{ dataset: { train: ['a.csv'] } }, 'dataset.train.0', 'several files are one pattern'],
    [{ name: 12 }, 'name', 'in quotes: "12"'],
    [{ training: { learningRate: '2e-4' } }, 'training.learningRate', 'a number has no quotes: 2e-4'],
    [{ training: { shuffle: 'True' } }, 'training.shuffle', 'without quotes: true'],
    [{ training: { optimizer: 'adamw_torch' } }, 'training.optimizer', 'did you mean adamw?'],
    [{ training: { optimizer: 'paged_adamw_8bit' } }, 'training.optimizer', 'did you mean adamw-8bit?'],
    [{ training: { optimizer: 'lion_32bit' } }, 'training.optimizer', 'did you mean lion?'],
    [{ training: { scheduler: 'wsd' } }, 'training.scheduler', 'did you mean warmup_stable_decay?'],
    // Its settings are not taken for those of the default.
    [
      { training: { scheduler: 'plateau', schedulerSettings: { patience: 1 } } },
      'training.scheduler',
      'did you mean reduce_lr_on_plateau?',
    ],
    [{ training: { mlm_probability: 0.2 } }, 'training.mlm_probability', 'here: training.mlmProbability'],
    [{ training: { momentum: 0.5 } }, 'training.momentum', 'it is one of sgd, muon'],
    [{ training: { lr_scheduler_kwargs: {} } }, 'training.lr_scheduler_kwargs', 'training.schedulerSettings'],
    [{ training: { gradient_checkpointing: true } }, 'training.gradient_checkpointing', 'always false'],
    [{ evaluation: { metrics: 'f1, loss' } }, 'evaluation.metrics', 'a list: [f1, loss]'],
    [{ evaluation: { gate: { f1: 0.9 } } }, 'evaluation.gate.f1', '{ min: 0.9 }'],
    [{ dataset: { train: 'a.csv', split: { test: 10 } } }, 'dataset.split.test', 'not percent: 0.1'],
    [
      { dataset: { train: 'a.csv', columns: { text: 'a', labels: 'b' } } },
      'dataset.columns',
      'did you mean {text, label}?',
    ],
    [{ model: { base: 'hf://o/n' } }, 'model.base', 'did you mean hf:o/n?'],
    [{ model: { base: 'https://huggingface.co/o/n' } }, 'model.base', 'did you mean hf:o/n?'],
    [{ model: { base: 'https://huggingface.co/o/n/tree/main' } }, 'model.base', 'did you mean hf:o/n?'],
    [{ dataset: { train: 'a.csv', encoding: 'cp1252' } }, 'dataset.encoding', 'windows-1252?'],
    [{ dataset: { train: 'a.csv', encoding: 'latin-1' } }, 'dataset.encoding', 'windows-1252?'],
    [{ dataset: { train: 'a.csv', encoding: 'utf-8-sig' } }, 'dataset.encoding', 'utf-8?'],
    [{ dataset: { train: 'a.csv', encoding: 'SJIS' } }, 'dataset.encoding', 'shift_jis?'],
  ])('says how it is written: %j', (mistake, path, hint) => {
    const [problem, ...others] = problems({ ...minimal, ...mistake });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path, hint: expect.stringContaining(hint) as string });
  });

  it('knows a sweep that is run as a pipeline', () => {
    expect(problems({ ...minimal, search: {} })[0]).toMatchObject({
      hint: 'This is a sweep: temper sweep SPEC',
    });
  });

  it('keeps a message short, whatever the spec is', () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`field${i}`, 'ü'.repeat(900)]));
    const { message, problems: told } = new TemperError('SPEC_INVALID', problems({ ...minimal, ...wide }));
    expect(new TextEncoder().encode(message).length).toBeLessThanOrEqual(4096);
    const listed = new TextEncoder().encode(told.map(formatProblem).join('\n'));
    expect(listed.length).toBeLessThanOrEqual(4096);
    expect(told.length).toBeGreaterThan(10);
    expect(told.at(-1)!.message).toMatch(/^and \d+ more problems$/);
    const [long] = problems({ ...minimal, ['😀'.repeat(5000)]: 1 });
    expect(new TextEncoder().encode(long!.path).length).toBeLessThanOrEqual(1024);
    expect(long!.path).toMatch(/😀…$/);
  });

  it('has a JSON Schema for editors', () => {
    expect(pipelineJsonSchema()).toMatchObject({ type: 'object', required: ['name', 'model', 'dataset'] });
  });
});
