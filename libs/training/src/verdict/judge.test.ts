import type { EvaluationMetrics, MetricLine, Metrics, StepMetrics } from '@temper/contracts';
import { parsePipelineSpec, type PipelineSpec } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { ClassificationMetrics } from '@temper/tasks';
import { wilson } from '../rows/intervals.js';
import type { Evidence } from './evidence.js';
import { judge } from './judge.js';

const minimal = { name: 'mail', model: { base: './m' }, dataset: { train: 'a.csv' } };
const specOf = (more: object = {}): PipelineSpec => parsePipelineSpec({ ...minimal, ...more });

/** A step a loss, so many of them an epoch. */
const losses = (all: readonly number[], perEpoch = 50): StepMetrics[] =>
  all.map((loss, i) => ({
    step: i + 1,
    epoch: (i + 1) / perEpoch,
    loss,
    learningRate: 1e-4,
    gradNorm: 1,
    tokens: 100,
    paddedTokens: 0,
    stepMs: 10,
  }));
/** From one value to another, evenly, with a little noise as batches have it. */
const from = (first: number, last: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => {
    const share = steps === 1 ? 1 : i / (steps - 1);
    return (first + (last - first) * share) * (1 + 0.05 * Math.sin(7 * i));
  });
const evaluated = (step: number, loss: number, f1?: number): EvaluationMetrics => ({
  step,
  split: 'validation',
  loss,
  ...(f1 === undefined ? {} : { f1 }),
});
const log = (steps: StepMetrics[], ...evaluations: EvaluationMetrics[]): MetricLine[] =>
  [...steps, ...evaluations].sort((a, b) => a.step - b.step);

/** The metrics of a classifier with this confusion matrix: rows are the truth. */
function measured(confusion: readonly (readonly number[])[], loss = 0.3): Metrics {
  const names = ['neutral', 'good', 'bad'].slice(0, confusion.length);
  const metrics = new ClassificationMetrics(names);
  confusion.forEach((row, truth) =>
    row.forEach((count, said) => {
      const logits = new Float32Array(count * names.length);
      for (let i = 0; i < count; i++) logits[i * names.length + said] = 1;
      const labels = new Int32Array(count).fill(truth);
      metrics.add({ labels, counted: count, lossSum: loss * count, outputs: { logits } });
    }),
  );
  const result = metrics.result();
  const hits = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  return { ...result, interval95: { accuracy: wilson(hits, Number(result.examples)) } };
}
const classified = (confusion: number[][], more: Partial<Evidence> = {}): Evidence => {
  const rows = confusion.flat().reduce((a, b) => a + b, 0);
  return {
    spec: specOf(),
    log: log(losses(from(1.1, 0.2, 150))),
    test: measured(confusion),
    examples: { train: 8 * rows, validation: rows, test: rows },
    ...more,
  };
};
const names = (evidence: Evidence) =>
  judge(evidence).map(({ name, refuses }) => (refuses ? `${name}!` : name));
const good = [
  [90, 5, 5],
  [4, 92, 4],
  [3, 3, 94],
];

describe('a training that went well', () => {
  it('is fine, with the metric and how far it can be trusted', () => {
    const [verdict, ...others] = judge(classified(good));
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ name: 'fine' });
    expect(verdict!.evidence).toMatch(/^f1 0\.9\d{3} on 300 test rows/);
    expect(verdict).not.toHaveProperty('change');
  });

  it.each<[string, Evidence]>([
    [
      'whose validation loss rises a little after three epochs while F1 still rises',
      classified(good, {
        log: log(
          losses(from(0.9, 0.1, 150)),
          evaluated(50, 0.4, 0.85),
          evaluated(100, 0.36, 0.88),
          evaluated(150, 0.42, 0.9),
        ),
      }),
    ],
    [
      'with one batch that no other is like',
      classified(good, { log: log(losses([...from(0.9, 0.1, 149), 4])) }),
    ],
    [
      'of nearly one class, because the truth is, and that finds the others',
      classified([
        [990, 2],
        [4, 6],
      ]),
    ],
    [
      'of a language model that is better than its base',
      {
        spec: specOf({ task: 'causal-lm' }),
        log: log(losses(from(1.5, 1.2, 60), 60)),
        test: { loss: 1.176, countedTokens: 9000, interval95: { loss: [1.12, 1.23] } },
        comparison: { metric: 'loss', rows: 64, base: 1.481, test: 1.176, interval: [-0.35, -0.26] },
        examples: { train: 400, test: 64 },
      },
    ],
    ['without a log, as of a run that somebody cleaned up', classified(good, { log: [] })],
  ])('%s', (_name, evidence) => {
    expect(judge(evidence).map((v) => `${v.name}: ${v.name === 'fine' ? '' : v.evidence}`)).toEqual([
      'fine: ',
    ]);
  });
});

const flat = log(losses(from(1.1, 1.09, 40)));

describe('collapsed', () => {
  it('is what gives one answer to everything, and is refused', () => {
    const all = classified(
      [
        [100, 0, 0],
        [100, 0, 0],
        [100, 0, 0],
      ],
      { log: flat },
    );
    expect(judge(all)[0]).toMatchObject({
      name: 'collapsed',
      refuses: true,
      change: 'training.epochs: 15',
    });
    expect(judge(all)[0]!.evidence).toMatch(
      /^all 300 test rows are predicted "neutral", 100 are; .* 1\.0986$/,
    );
    expect(names({ ...all, spec: specOf({ evaluation: { gate: 'none' } }) })[0]).toBe('collapsed');
    // Bounds of one's own come on top.
    expect(names({ ...all, spec: specOf({ evaluation: { gate: { loss: { max: 9 } } } }) })[0]).toBe(
      'collapsed!',
    );
  });

  it.each<[string, number[][], string]>([
    [
      'two of 300 rows otherwise',
      [
        [99, 1],
        [199, 1],
      ],
      'collapsed!',
    ],
    [
      'four of 300 rows otherwise',
      [
        [98, 2],
        [198, 2],
      ],
      '',
    ],
    [
      '29 rows',
      [
        [15, 0],
        [14, 0],
      ],
      'collapsed',
    ],
    [
      '30 rows',
      [
        [15, 0],
        [15, 0],
      ],
      'collapsed!',
    ],
    [
      'four rows of another class',
      [
        [40, 0],
        [4, 0],
      ],
      'collapsed',
    ],
    [
      'five rows of another class',
      [
        [40, 0],
        [5, 0],
      ],
      'collapsed!',
    ],
    [
      'two rows of another class',
      [
        [40, 0],
        [2, 0],
      ],
      '',
    ],
    [
      'data of one class',
      [
        [40, 0],
        [0, 0],
      ],
      '',
    ],
    [
      'nine rows',
      [
        [5, 0],
        [4, 0],
      ],
      '',
    ],
    [
      'a truth that is nearly one class, and nothing else found',
      [
        [990, 0],
        [10, 0],
      ],
      'collapsed!',
    ],
  ])('with %s', (_name, confusion, expected) => {
    expect(
      names(classified(confusion))
        .filter((name) => name.startsWith('collapsed'))
        .join(),
    ).toBe(expected);
  });

  it('of a trial is seen on the validation split, and told', () => {
    const { test, ...trial } = classified(
      [
        [50, 0],
        [50, 0],
      ],
      { log: flat },
    );
    expect(judge({ ...trial, validation: test })[0]).toMatchObject({ name: 'collapsed' });
    expect(judge({ ...trial, validation: test })[0]).not.toHaveProperty('refuses');
  });
});

describe('worse than the base', () => {
  const compared = (
    metric: string,
    rows: number,
    interval: [number, number],
    [base, test]: number[] = [0.9, 0.8],
  ) => classified(good, { comparison: { metric, rows, base: base!, test: test!, interval } });

  it('is a difference that is certain, and is refused', () => {
    expect(judge(compared('f1', 300, [-0.15, -0.05]))).toMatchObject([
      {
        name: 'worse-than-base',
        refuses: true,
        evidence:
          'f1 0.8000 on 300 test rows, the base model has 0.9000 (difference -0.1500 to -0.0500, 95%)',
        change: 'training.learningRate: 0.000067',
      },
    ]);
    expect(names(compared('loss', 300, [0.01, 0.2]))).toEqual(['worse-than-base!']);
    expect(names(compared('loss', 300, [NaN, NaN], [1, NaN]))).toEqual(['worse-than-base!']);
  });

  it('is neither a difference that may be chance, nor an improvement, nor one of a few rows', () => {
    expect(names(compared('f1', 300, [-0.15, 0.01]))).toEqual(['fine']);
    expect(names(compared('f1', 300, [0.05, 0.15]))).toEqual(['fine']);
    expect(names(compared('loss', 300, [-0.2, -0.1]))).toEqual(['fine']);
    expect(names(compared('f1', 29, [-0.15, -0.05]))).toEqual(['worse-than-base']);
    expect(names(compared('f1', 5, [-0.15, -0.05]))).toEqual(['fine']);
  });
});

describe('diverging', () => {
  it('is a loss that rises again', () => {
    const risen = judge(classified(good, { log: log(losses([...from(1, 0.4, 60), ...from(0.5, 2.5, 60)])) }));
    expect(risen.find((v) => v.name === 'diverging')).toMatchObject({
      change: 'training.learningRate: 0.000067',
    });
    expect(risen.find((v) => v.name === 'diverging')!.evidence).toMatch(
      /rose to 2\.\d+ .* from 0\.4\d+ around step 60/,
    );
  });

  it('is a test loss that is no number', () => {
    const test = { ...measured(good), loss: null };
    expect(judge(classified(good, { test }))[0]).toMatchObject({
      name: 'diverging',
      evidence: expect.stringContaining('no number') as string,
    });
  });
});

describe('over-fit', () => {
  const curves = log(
    losses(from(0.9, 0.02, 500)),
    ...[0.5, 0.35, 0.4, 0.48, 0.55, 0.62, 0.7, 0.76, 0.82, 0.9].map((loss, i) =>
      evaluated(50 * (i + 1), loss, 0.85),
    ),
  );

  it('is a validation loss that rises while the training loss falls', () => {
    const [verdict] = judge(classified(good, { log: curves, spec: specOf({ training: { epochs: 10 } }) }));
    expect(verdict).toMatchObject({ name: 'overfit', change: 'training.epochs: 2' });
    expect(verdict!.evidence).toMatch(
      /is 0\.9000 at the end and was 0\.3500 at step 100 of 500, .* fell from 0\.7\d+ to 0\.0\d+/,
    );
    const bySteps = specOf({ training: { maxSteps: 500, loadBestModelAtEnd: false } });
    expect(judge(classified(good, { log: curves, spec: bySteps }))[0]).toMatchObject({
      change: 'training.maxSteps: 100',
      evidence: expect.stringContaining('the last checkpoint is the model') as string,
    });
  });

  it('is a wide gap after several passes where nobody evaluated meanwhile', () => {
    const spec = specOf({ training: { epochs: 10, evalStrategy: 'no' } });
    const gap = classified(good, { log: losses(from(0.9, 0.01, 500)), test: measured(good, 0.8), spec });
    expect(judge(gap)[0]).toMatchObject({ name: 'overfit', change: 'training.epochs: 5' });
    // In the first pass every row is new to the model.
    expect(names({ ...gap, log: losses(from(0.9, 0.01, 500), 500) })).toEqual(['fine']);
    // A focused loss is small by itself: it is no measure of the loss of evaluations.
    const focal = specOf({ training: { epochs: 10, evalStrategy: 'no', loss: 'focal' } });
    expect(names({ ...gap, spec: focal })).toEqual(['fine']);
  });

  it('of a language model is what helps on its own rows alone', () => {
    const evidence: Evidence = {
      spec: specOf({ task: 'causal-lm' }),
      log: losses(from(1.5, 0.4, 60)),
      test: { loss: 1.47, interval95: { loss: [1.4, 1.55] } },
      comparison: { metric: 'loss', rows: 64, base: 1.48, test: 1.47, interval: [-0.05, 0.03] },
      examples: { test: 64 },
    };
    expect(names(evidence)).toEqual(['overfit']);
    expect(names({ ...evidence, log: losses(from(1.5, 1.48, 60)) })).toEqual(['underfit']);
  });
});

describe('under-fit', () => {
  it('is a loss that stays at that of guessing', () => {
    const evidence = classified(good, { log: losses(from(1.1, 1.08, 300)) });
    expect(judge(evidence)).toMatchObject([{ name: 'underfit', change: 'training.learningRate: 0.0006' }]);
  });

  it('asks for more steps where there were few, or where the loss still fell', () => {
    const few = classified(good, { log: losses(from(1.1, 1.05, 40)) });
    expect(judge(few)).toMatchObject([{ name: 'underfit', change: 'training.epochs: 15' }]);
    const spec = specOf({ training: { maxSteps: 400 } });
    const falling = classified(good, { log: losses(from(1.4, 0.75, 400), 400), spec });
    expect(judge(falling)).toMatchObject([{ name: 'underfit', change: 'training.maxSteps: 800' }]);
  });
});

describe('too little data', () => {
  it('is a test split that says nothing', () => {
    const one = classified(
      [
        [1, 0],
        [0, 0],
      ],
      { examples: { train: 1, validation: 1, test: 1 } },
    );
    expect(judge(one)).toMatchObject([
      {
        name: 'too-little-data',
        evidence: 'accuracy 1.0000, measured on 1 test row, lies between 0.2065 and 1.0000 (95%)',
        change: 'dataset.train: at least 300 rows',
      },
    ]);
  });

  it('asks for what would be enough: a larger share, more rows, or a larger file', () => {
    const confusion = [
      [16, 4],
      [4, 16],
    ];
    const change = (more: Partial<Evidence>) => judge(classified(confusion, more))[0]!.change;
    expect(change({ examples: { train: 320, validation: 40, test: 40 } })).toBe(
      'dataset.split: {train: 0.75, validation: 0.1, test: 0.15}',
    );
    expect(change({ examples: { train: 20, validation: 40, test: 40 } })).toBe(
      'dataset.train: at least 600 rows',
    );
    const spec = specOf({ dataset: { train: 'a.csv', test: 'b.csv' } });
    expect(change({ spec })).toBe('dataset.test: at least 60 rows');
  });

  it('counts the rows that train does not have', () => {
    const leaks = (exact: number, near: number) =>
      ({
        between: [
          { split: 'test', of: 'train', rows: 300, exact, near },
          { split: 'validation', of: 'train', rows: 300, exact: 300, near: 0 },
        ],
      }) as unknown as Evidence['leaks'];
    const [verdict] = judge(classified(good, { leaks: leaks(200, 80) }));
    expect(verdict).toMatchObject({
      name: 'too-little-data',
      evidence: 'of 300 test rows 280 are in train too, which leaves 20 to judge by',
      change: 'dataset.clean.dedupe: near',
    });
    expect(judge(classified(good, { leaks: leaks(150, 0) }))[0]).toMatchObject({
      name: 'fine',
      evidence: expect.stringContaining('; 150 of these rows are in train too') as string,
    });
    expect(judge(classified(good, { leaks: leaks(3, 0) }))[0]!.evidence).not.toContain('in train');
  });

  it('is told beside what else there is', () => {
    const few = classified(
      [
        [6, 0],
        [6, 0],
      ],
      { log: flat },
    );
    expect(names(few)).toEqual(['collapsed', 'underfit', 'too-little-data']);
  });
});
