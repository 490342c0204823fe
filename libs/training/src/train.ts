import type { EvaluationMetrics, TokenizedSplit } from '@temper/contracts';
import { epochPlan, makeBatch } from '@temper/data';
import { RunStore, type ArtifactStore } from '@temper/storage';
import { buildTraining, type BuiltTraining } from './build.js';
import { applyChanges, lastStepOf, settingsOf } from './changes.js';
import { Checkpoints, THIS_CHECKPOINT } from './checkpoint.js';
import { evaluateSplit } from './evaluation.js';
import type { TrainerEvent, TrainJob, TrainResult } from './job.js';
import { checkMetricName, improves, metricValue } from './metrics/best.js';
import { MetricsLog } from './metrics-log.js';
import { endsEpoch, planSteps } from './plan.js';
import { Progress } from './progress.js';
import type { SessionFactory } from './session.js';
import { beginState, claimBeginning, threadsOf } from './start.js';
import { evaluationAt, type TrainingState } from './state.js';
import { trainStep, type Trainer } from './train-step.js';

export interface TrainPorts {
  readonly artifacts: ArtifactStore;
  readonly sessions: SessionFactory;
  readonly report: (event: TrainerEvent) => void;
  /** Asked at step boundaries and between evaluation batches; true: write a checkpoint and throw Interrupted. */
  readonly interrupted?: () => boolean;
}

/** The run was asked to stop; its checkpoint of `step` is in the store. */
export class Interrupted extends Error {
  constructor(readonly step: number) {
    super(`interrupted after step ${step}`);
    this.name = 'Interrupted';
  }
}

/** Trains from the run's newest checkpoint, or from the beginning, to the end. */
export async function train(job: TrainJob, ports: TrainPorts): Promise<TrainResult> {
  checkMetricName(job.spec.training.metricForBestModel, job.spec.task);
  const checkpoints = new Checkpoints(ports.artifacts, {
    runId: job.runId,
    attempt: job.attempt,
    folder: job.workFolder,
    training: job.training,
  });
  const beginning = await claimBeginning(job, ports.artifacts, checkpoints);
  const built = await buildTraining({ ...job, threads: threadsOf(job, beginning) }, ports, 'train');
  const { model } = built;
  const state = await beginState(job, ports.artifacts, checkpoints, beginning, model.store);
  // Whether anything happened since the newest checkpoint: a step, an evaluation, or a change of settings.
  let changed = applyChanges(state, job.changes) || beginning.from !== beginning.own;
  const training = settingsOf(job.spec.training, state);
  const plan = planSteps(built.splits.train!.offsets.length - 1, training);
  const lastStep = lastStepOf(plan, state);
  const progress = new Progress(ports.report, plan.totalSteps);
  const trainer: Trainer = {
    ...built,
    plan,
    training,
    batchAt: batchesOf(built, job),
    onMicroBatch: progress.alive,
  };
  const runs = new RunStore(ports.artifacts.store);
  const log = new MetricsLog(runs, job.runId, checkpoints.attempt);
  const settings = {
    seed: training.seed,
    threads: built.threads,
    provider: ports.sessions.provider,
    metricForBestModel: training.metricForBestModel,
    inputs: { baseModel: job.baseModel.digest, tokens: job.tokens.digest },
  };
  let newest = beginning.own;

  const save = async () => {
    await log.flush();
    progress.phase('saving', state.step);
    newest = await checkpoints.save(model.store, state, settings);
    changed = false;
    if (state.best?.digest === THIS_CHECKPOINT) state.best = { ...state.best, digest: newest.digest };
    ports.report({ type: 'checkpoint', step: state.step, ref: newest });
  };
  const evaluate = async () => {
    const metrics = await evaluateSplit(model, built.splits.validation!, {
      ...built,
      batchSize: training.evalBatchSize,
      onBatch: () => {
        progress.phase('evaluating', state.step);
        if (ports.interrupted?.()) throw new Interrupted(state.step);
      },
    });
    const line = { step: state.step, split: 'validation', ...metrics } as EvaluationMetrics;
    state.lines.push(line);
    await log.add(line);
    judge(state, line, training.metricForBestModel);
    changed = true;
  };

  try {
    for (;;) {
      if (ports.interrupted?.()) throw new Interrupted(state.step);
      if (evaluationIsDue(state, lastStep, training, built.splits.validation)) await evaluate();
      const finished = state.step >= lastStep || stopsEarly(state, training);
      if (changed && checkpointIsDue(state, training, finished)) await save();
      if (finished) break;

      const line = await trainStep(trainer, state);
      changed = true;
      if (state.step % training.logSteps === 0 || state.step === plan.totalSteps) {
        state.lines.push(line);
        await log.add(line);
      }
      progress.step(line);
    }
  } catch (error) {
    if (error instanceof Interrupted && changed) await save();
    throw error;
  }
  await log.flush();

  const best = training.loadBestModelAtEnd ? state.best : undefined;
  return {
    checkpoint: best ? checkpoints.bestRef(best) : newest!,
    steps: state.step,
    totalSteps: plan.totalSteps,
    validation: withoutPlace(evaluationAt(state, best?.step ?? state.step)),
    metricsUri: await runs.closeMetrics(job.runId),
    stoppedEarly: state.step < plan.totalSteps,
    ...(state.changes.length ? { changes: state.changes } : {}),
  };
}

type Training = TrainJob['spec']['training'];

/** After each epoch or every evalSteps, and at the very end; not twice, which a resumed run could. */
function evaluationIsDue(
  state: TrainingState,
  lastStep: number,
  training: Training,
  validation: TokenizedSplit | undefined,
): boolean {
  if (training.evalStrategy === 'no' || !validation || validation.offsets.length < 2) return false;
  if (state.step === 0 || evaluationAt(state, state.step)) return false;
  if (state.step >= lastStep) return true;
  return training.evalStrategy === 'epoch' ? endsEpoch(state.cursor) : state.step % training.evalSteps === 0;
}

/** Every saveSteps, at the end, and where the best model must be kept. */
function checkpointIsDue(state: TrainingState, training: Training, finished: boolean): boolean {
  if (finished) return true;
  if (state.step === 0) return false;
  const isBest = training.loadBestModelAtEnd && state.best?.step === state.step;
  return isBest || state.step % training.saveSteps === 0;
}

const stopsEarly = (state: TrainingState, { earlyStoppingPatience }: Training): boolean =>
  earlyStoppingPatience !== undefined && state.withoutImprovement >= earlyStoppingPatience;

function judge(state: TrainingState, line: EvaluationMetrics, metric: string): void {
  const value = metricValue(line, metric);
  if (!state.best || improves(metric, value, state.best.metric)) {
    state.best = { step: state.step, metric: value, digest: THIS_CHECKPOINT };
    state.withoutImprovement = 0;
  } else {
    state.withoutImprovement += 1;
  }
}

/** The data order of an epoch follows from (seed, epoch) alone, so a resumed run meets the same batches. */
function batchesOf({ splits, padTokenId }: BuiltTraining, { spec: { training } }: TrainJob) {
  const split = splits.train!;
  let planned: { epoch: number; batches: Int32Array[] } | undefined;
  return (epoch: number, batch: number) => {
    if (planned?.epoch !== epoch) {
      const batches = epochPlan({ split, batchSize: training.trainBatchSize, epoch, ...training });
      planned = { epoch, batches };
    }
    return makeBatch(split, planned.batches[batch]!, { padTokenId });
  };
}

function withoutPlace(line: EvaluationMetrics | undefined) {
  if (!line) return undefined;
  const { step: _step, split: _split, ...metrics } = line;
  return metrics;
}
