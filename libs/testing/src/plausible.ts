import {
  greaterIsBetter,
  noneDropped,
  withoutAlerts,
  type MetricLine,
  type Metrics,
  type SplitName,
} from '@temper/contracts';
import { gateProblems, type PipelineSpec, type TrainInput } from '@temper/spec';
import { digestOf } from '@temper/storage';
import { taskSchemaOf } from '@temper/tasks/schema';
import type { ActivityName, InputOf, OutputOf } from './activities.js';
import { publish } from './publish.js';
import { standIn, type Stored } from './stored.js';

type Plausible = {
  readonly [A in ActivityName]: (
    input: InputOf<A>,
    stored: Stored,
    /** What a test says of the output: what follows from it is to be so. */
    other?: Partial<OutputOf<A>>,
  ) => Promise<OutputOf<A>>;
};

const splits = { train: 80, validation: 10, test: 10 } as const satisfies Record<SplitName, number>;

/** Rows by split, of a source of a hundred. */
const rowsOf = ({ limit = 100 }: PipelineSpec['dataset']) => Math.min(limit, 100);

/** What each activity returns where a test says nothing else. A missing one does not compile. */
export const plausible: Plausible = {
  async ingest({ spec }, stored) {
    const { dataset, model } = spec;
    const rows = rowsOf(dataset);
    return {
      dataset: await standIn(stored, 'dataset', dataset, {
        columns: dataset.columns as Readonly<Record<string, string>>,
        rows: { train: rows },
      }),
      baseModel: await standIn(stored, 'base-model', model, { format: 'directory', source: model.base }),
      spec: digestOf(withoutAlerts(spec)),
      cached: false,
      summary: `${rows} train rows; base model ${model.base}`,
    };
  },

  async preprocess({ spec, dataset, baseModel }, stored) {
    const read = rowsOf(spec.dataset);
    const statistics = (examples: number) => {
      const tokens = examples * 20;
      return { examples, tokens, countedTokens: tokens, truncated: 0, longest: 20 };
    };
    const tokens = await standIn(
      stored,
      'tokens',
      { dataset, baseModel, tokenize: spec.tokenize },
      {
        labelKind: 'class',
        labelNames: taskSchemaOf(spec).hasClasses ? ['no', 'yes'] : [],
        splits: Object.fromEntries(Object.entries(splits).map(([split, n]) => [split, statistics(n)])),
        cleaning: { read, kept: read, dropped: noneDropped, samples: [] },
        padTokenId: 0,
      },
    );
    return { tokens, cached: false, summary: `${read} examples` };
  },

  async train(input, stored) {
    const { runId, spec } = input;
    const totalSteps = stepsOf(spec);
    const steps = Math.min(totalSteps, lastStep(input, totalSteps));
    await stored.runs.putLines(runId, 1, lossesOf(spec, steps));
    const checkpoint = await standIn(
      stored,
      'checkpoint',
      { training: spec.training, method: spec.method },
      {
        step: steps,
        cursor: { epoch: 0, batch: steps },
        seed: spec.training.seed,
        threads: 1,
        provider: 'cpu',
        tokens: steps * 100,
        withoutImprovement: 0,
        inputs: { baseModel: input.baseModel.digest, tokens: input.tokens.digest },
      },
    );
    const finished = steps === totalSteps;
    return {
      checkpoint,
      steps,
      totalSteps,
      finished,
      validation: metricsOf(spec, 'after'),
      metricsUri: await stored.runs.closeMetrics(runId),
      ...(input.changes?.length ? { changes: input.changes.map((change) => ({ ...change, step: 1 })) } : {}),
      cached: false,
      summary: `${steps} steps`,
    };
  },

  async evaluate({ spec }, _, { base = metricsOf(spec, 'before'), test = metricsOf(spec, 'after') } = {}) {
    const { metricForBestModel: metric } = spec.training;
    const summary = `${metric} ${String(base[metric])} → ${String(test[metric])}`;
    return { base, test, gate: gateProblems(spec.evaluation.gate, test), cached: false, summary };
  },

  publish,

  choosePool: async () => 'cpu',
  notify: async () => undefined,
  driftFromProduction: async () => undefined,
  collectGarbage: async ({ dryRun = false }) => ({
    dryRun,
    bytes: { before: 0, after: 0, removed: 0 },
    objects: { before: 0, after: 0, removed: 0 },
    ...{ kept: [], removed: [], missing: 0, machine: 0 },
  }),
};

/** Optimizer steps of eighty examples. */
function stepsOf({ training }: PipelineSpec): number {
  const perEpoch = Math.ceil(splits.train / training.trainBatchSize / training.gradientAccumulationSteps);
  return training.maxSteps ?? Math.max(1, Math.round(training.epochs * perEpoch));
}

function lastStep({ stopAt, changes }: TrainInput, totalSteps: number): number {
  if (changes?.some(({ stop }) => stop)) return 1;
  if (!stopAt) return totalSteps;
  return 'steps' in stopAt ? stopAt.steps : Math.max(1, Math.round(stopAt.epochs * totalSteps));
}

/** A loss that falls, at most a hundred lines of it. */
function lossesOf({ training }: PipelineSpec, steps: number): MetricLine[] {
  return Array.from({ length: Math.min(steps, 100) }, (_, i) => ({
    step: i + 1,
    epoch: (i + 1) / steps,
    loss: 0.2 + 1 / (i + 1),
    learningRate: training.learningRate,
    gradNorm: 1,
    tokens: 100,
    paddedTokens: 100,
    stepMs: 10,
  }));
}

/** Whatever the task is measured by: better after training than before. */
function metricsOf(spec: PipelineSpec, when: 'before' | 'after'): Metrics {
  const { metrics, counts } = taskSchemaOf(spec);
  const value = (name: (typeof metrics)[number]) =>
    greaterIsBetter(name) ? (when === 'after' ? 0.9 : 0.5) : when === 'after' ? 0.4 : 1.2;
  return {
    ...Object.fromEntries(metrics.map((name) => [name, value(name)])),
    ...Object.fromEntries(counts.map((name) => [name, splits.test])),
  };
}
