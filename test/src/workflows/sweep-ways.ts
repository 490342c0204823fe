import { activityFailure } from '@temper/activity';
import { sweepWorkflow, TemperError, queuesOf } from '@temper/contracts';
import { parseSweepSpec, type StageActivities, type SweepInput, type SweepSpecInput } from '@temper/spec';
import { fakes, type WorkflowHarness } from './harness.js';

const spec = (changes: Partial<SweepSpecInput> = {}) =>
  parseSweepSpec({
    name: 'rates',
    pipeline: { name: 'mail', model: { base: './minilm' }, dataset: { train: 'mail.csv' } },
    search: { 'training.learningRate': { values: [1e-3, 1e-4, 1e2] } },
    strategy: 'grid',
    ...changes,
  });

const asha = {
  strategy: 'asha',
  trials: 5,
  search: { 'training.learningRate': { min: 1e-6, max: 1e-1, scale: 'log' } },
  asha: { minSteps: 10, reductionFactor: 2 },
} as const;

/** The metric follows from the learning rate and the steps, as in a training; above 1 it diverges. */
const train: StageActivities['train'] = async (input) => {
  const { learningRate } = input.spec.training;
  if (learningRate > 1) throw activityFailure(new TemperError('LOSS_DIVERGED', 'the loss is NaN'), 1);
  const steps = input.stopAt && 'steps' in input.stopAt ? Math.min(40, input.stopAt.steps) : 40;
  const f1 = 1 - Math.abs(Math.log10(learningRate) + 3) / 10 - 1 / (steps + 10);
  return { ...(await fakes.train(input)), steps, totalSteps: 40, finished: steps === 40, validation: { f1 } };
};
const diverges: StageActivities['train'] = async () => {
  throw activityFailure(new TemperError('LOSS_DIVERGED', 'the loss is NaN'), 1);
};

/** One way through the sweep workflow a file. */
export const sweepWays: Record<
  string,
  { input: Omit<SweepInput, 'sweepId'>; activities: Partial<StageActivities> }
> = {
  'sweep-grid': { input: { spec: spec() }, activities: { train } },
  'sweep-asha': { input: { spec: spec(asha) }, activities: { train } },
  'sweep-failed': { input: { spec: spec() }, activities: { train: diverges } },
  // A later execution of a chain: three trials were tried before it began.
  'sweep-continued': {
    input: { spec: spec(asha), state: { trials: 'w0.5@10 d@ w0.75,0.85@20' } },
    activities: { train },
  },
};

export const startSweep = (harness: WorkflowHarness, input: SweepInput) =>
  harness.client.workflow.start(sweepWorkflow, {
    workflowId: input.sweepId!,
    taskQueue: queuesOf().workflow,
    args: [input],
  });
