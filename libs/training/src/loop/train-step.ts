import { TemperError, type Batch, type StepMetrics } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import type { TrainableModel } from '../model.js';
import type { Optimizer } from '../optimizer/optimizer.js';
import { advance, epochAt, microBatches, type StepPlan } from './plan.js';
import { learningRateAt } from './schedule.js';
import type { TrainingState } from './state.js';

export interface Trainer {
  readonly model: TrainableModel;
  readonly optimizer: Optimizer;
  readonly plan: StepPlan;
  readonly training: PipelineSpec['training'];
  /** The micro-batch at a place of the data order. */
  readonly batchAt: (epoch: number, batch: number) => Batch;
  /** What the batch's sum of losses is divided by. */
  readonly divisor: (batch: Batch) => number;
  /** Between micro-batches, so that a watcher knows of the progress. */
  readonly onMicroBatch?: (() => void) | undefined;
}

/**
 * One optimizer step; moves the state on and returns the step's metrics.
 * Gradients of loss sums are added up over the micro-batches and divided once by everything that was counted (weights of classes included), so the
 * result does not depend on how the step is cut into micro-batches.
 */
export async function trainStep(trainer: Trainer, state: TrainingState): Promise<StepMetrics> {
  const { model, optimizer, plan, training } = trainer;
  const started = performance.now();
  const micro = microBatches(plan, state.cursor);
  const sum = { loss: 0, counted: 0, divisor: 0, tokens: 0, padded: 0 };
  for (let m = 0; m < micro; m++) {
    const batch = trainer.batchAt(state.cursor.epoch, state.cursor.batch + m);
    const at = { seed: training.seed, step: state.step, microBatch: m };
    sum.loss += await model.accumulate(batch, at, m === 0);
    sum.counted += batch.counted;
    sum.divisor += trainer.divisor(batch);
    sum.tokens += batch.tokens;
    sum.padded += batch.paddedTokens;
    trainer.onMicroBatch?.();
  }
  if (sum.counted === 0) throw nothingCounted(state);

  const learningRate = learningRateAt(training, state, plan.totalSteps);
  const gradNorm = optimizer.gradNorm(sum.divisor);
  const loss = sum.loss / sum.divisor;
  if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
    throw diverged(state, { loss, gradNorm, learningRate });
  }
  await optimizer.step({ step: state.step + 1, learningRate, counted: sum.divisor, gradNorm });

  state.step += 1;
  state.cursor = advance(plan, state.cursor, micro);
  state.tokens += sum.tokens;
  return {
    step: state.step,
    epoch: epochAt(plan, state.step),
    loss,
    learningRate,
    gradNorm,
    tokens: sum.tokens,
    paddedTokens: sum.padded,
    stepMs: performance.now() - started,
  };
}

function nothingCounted(state: TrainingState): TemperError {
  return new TemperError('DATA_INVALID', {
    path: `training step ${state.step + 1}`,
    message: 'no label of this step is counted',
    hint: 'prompts longer than tokenize.maxLength leave no room for their completions: raise it',
  });
}

function diverged(
  state: TrainingState,
  found: { loss: number; gradNorm: number; learningRate: number },
): TemperError {
  const { losses } = state;
  const what = Number.isFinite(found.loss) ? 'gradient norm' : 'loss';
  const value = what === 'loss' ? found.loss : found.gradNorm;
  return new TemperError('LOSS_DIVERGED', {
    path: `training step ${state.step + 1}`,
    message: `the ${what} is ${value} at learning rate ${found.learningRate}`,
    found: losses.length
      ? `losses before: ${losses.map((loss) => loss.toPrecision(5)).join(', ')}`
      : undefined,
    hint: 'lower training.learningRate (a tenth is a fair try), add training.warmupRatio, or clip with training.maxGradNorm 1',
  });
}
