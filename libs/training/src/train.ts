import {
  noSpans,
  type EvaluationMetrics,
  type Metrics,
  type Spans,
  type TokenizedSplit,
} from '@temper/contracts';
import { RunStore, type ArtifactStore } from '@temper/storage';
import { buildTraining } from './build.js';
import { applyChanges, lastStepOf, settingsOf } from './changes.js';
import { Checkpoints, THIS_CHECKPOINT } from './checkpoint.js';
import { evaluateSplit } from './evaluation.js';
import type { TrainerEvent, TrainJob, TrainResult } from './job.js';
import { metricLineOf } from '@temper/tasks';
import { checkMetricName, improves, metricValue } from './metrics/best.js';
import { MetricsLog } from './metrics-log.js';
import { logTo, numbersOf, StepSpans, tellStart } from './observe.js';
import { endsEpoch, planSteps, stopStep } from './plan.js';
import { Progress } from './progress.js';
import { scheduleAfter } from './schedule.js';
import type { SessionFactory } from './session.js';
import { beginState, claimBeginning, threadsOf } from './start.js';
import { evaluationAt, type TrainingState } from './state.js';
import { trainBatches } from './train-batches.js';
import { trainStep, type Trainer } from './train-step.js';

export interface TrainPorts {
  readonly artifacts: ArtifactStore;
  readonly sessions: SessionFactory;
  readonly report: (event: TrainerEvent) => void;
  /** Asked at step boundaries and between evaluation batches; true: write a checkpoint and throw Interrupted. */
  readonly interrupted?: () => boolean;
  /** Default: nobody traces. */
  readonly spans?: Spans | undefined;
}

/** The run was asked to stop; its checkpoint of `step` is in the store. */
export class Interrupted extends Error {
  constructor(readonly step: number) {
    super(`interrupted after step ${step}`);
    this.name = 'Interrupted';
  }
}

/** Trains from the run's newest checkpoint, or from the beginning, to the end or to where the job says. */
export async function train(job: TrainJob, ports: TrainPorts): Promise<TrainResult> {
  checkMetricName(job.spec.training.metricForBestModel, job.spec);
  const checkpoints = new Checkpoints(ports.artifacts, {
    runId: job.runId,
    attempt: job.attempt,
    folder: job.workFolder,
    training: job.training,
  });
  const beginning = await claimBeginning(job, ports.artifacts, checkpoints);
  if (checkpoints.damaged.length) ports.report({ type: 'damaged', damaged: checkpoints.damaged });
  const { spans = noSpans } = ports;
  const built = await spans.within('build graph', { use: 'train' }, () =>
    buildTraining({ ...job, threads: threadsOf(job, beginning) }, ports, 'train'),
  );
  const { model } = built;
  const trained = { store: model.store, optimizer: built.optimizer.state };
  const state = await beginState(job, ports.artifacts, checkpoints, beginning, trained);
  // Whether anything happened since the newest checkpoint: a step, an evaluation, or a change of settings.
  let changed = applyChanges(state, job.changes) || beginning.from !== beginning.own;
  const training = settingsOf(job.spec.training, state);
  const batches = trainBatches(built.splits.train!, job.spec, built);
  const plan = planSteps(batches.rows, training);
  const lastStep = lastStepOf(plan, state);
  const stopAfter = Math.min(lastStep, stopStep(plan, job.stopAt));
  const progress = new Progress(ports.report, plan.totalSteps);
  const trainer: Trainer = {
    ...built,
    plan,
    training,
    batchAt: batches.at,
    onMicroBatch: progress.alive,
  };
  tellStart(ports, { from: state.step, to: plan.totalSteps, threads: built.threads });
  const stepSpans = new StepSpans(spans, (plan.totalSteps - state.step) / training.logSteps);
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
    const started = performance.now();
    progress.phase('saving', state.step);
    newest = await spans.within('checkpoint', { step: state.step }, async () => {
      await log.flush();
      return checkpoints.save(trained, state, settings);
    });
    const seconds = (performance.now() - started) / 1000;
    changed = false;
    if (state.best?.digest === THIS_CHECKPOINT) state.best = { ...state.best, digest: newest.digest };
    ports.report({ type: 'checkpoint', step: state.step, ref: newest, seconds });
    logTo(ports, `checkpoint of step ${state.step}`, { step: state.step, seconds });
  };
  const measure = () =>
    spans.within('evaluate', { split: 'validation', step: state.step }, async (add) => {
      const measured = await evaluateSplit(model, built.splits.validation!, {
        ...built,
        batchSize: training.evalBatchSize,
        onBatch: () => {
          progress.phase('evaluating', state.step);
          if (ports.interrupted?.()) throw new Interrupted(state.step);
        },
      });
      add(numbersOf(measured));
      return measured;
    });
  const evaluate = async () => {
    const metrics = await measure();
    logTo(ports, `evaluation after step ${state.step}`, { step: state.step, ...numbersOf(metrics) });
    const inLine = metricLineOf(metrics, built.labelNames.length);
    const line = { step: state.step, split: 'validation', ...inLine } as EvaluationMetrics;
    state.lines.push(line);
    await log.add(line);
    judge(state, line, training);
    changed = true;
  };

  let finished = false;
  // Where the training stops for now and no evaluation is due: made beside the training, which never hears of it.
  let aside: Metrics | undefined;
  try {
    for (;;) {
      if (ports.interrupted?.()) throw new Interrupted(state.step);
      if (evaluationIsDue(state, lastStep, training, built.splits.validation)) await evaluate();
      finished = state.step >= lastStep || stopsEarly(state, training);
      const stops = finished || state.step >= stopAfter;
      if (changed && checkpointIsDue(state, training, stops)) await save();
      if (stops) break;

      const line = await trainStep(trainer, state);
      changed = true;
      if (state.step % training.logSteps === 0 || state.step === plan.totalSteps) {
        state.lines.push(line);
        await log.add(line);
        stepSpans.ended(line, state.step === plan.totalSteps);
      }
      progress.step(line);
    }
    if (!finished && hasExamples(built.splits.validation) && !evaluationAt(state, state.step)) {
      aside = await measure();
    }
  } catch (error) {
    if (error instanceof Interrupted) {
      if (changed) await save();
      logTo(ports, `interrupted after step ${state.step}`, { step: state.step });
    }
    throw error;
  }
  await log.flush();

  const best = finished && training.loadBestModelAtEnd ? state.best : undefined;
  return {
    checkpoint: best ? checkpoints.bestRef(best) : newest!,
    steps: state.step,
    totalSteps: plan.totalSteps,
    finished,
    validation: aside ?? withoutPlace(evaluationAt(state, best?.step ?? state.step)),
    metricsUri: await runs.closeMetrics(job.runId),
    stoppedEarly: finished && state.step < plan.totalSteps,
    ...(checkpoints.damaged.length ? { damaged: checkpoints.damaged } : {}),
    ...(state.changes.length ? { changes: state.changes } : {}),
  };
}

type Training = TrainJob['spec']['training'];

const hasExamples = (split: TokenizedSplit | undefined): boolean => !!split && split.offsets.length > 1;

/** After each epoch or every evalSteps, and at the very end; not twice, which a resumed run could. */
function evaluationIsDue(
  state: TrainingState,
  lastStep: number,
  training: Training,
  validation: TokenizedSplit | undefined,
): boolean {
  if (training.evalStrategy === 'no' || !hasExamples(validation)) return false;
  if (state.step === 0 || evaluationAt(state, state.step)) return false;
  if (state.step >= lastStep) return true;
  return training.evalStrategy === 'epoch' ? endsEpoch(state.cursor) : state.step % training.evalSteps === 0;
}

/** Every saveSteps, where training stops, and where the best model must be kept. */
function checkpointIsDue(state: TrainingState, training: Training, stops: boolean): boolean {
  if (stops) return true;
  if (state.step === 0) return false;
  const isBest = training.loadBestModelAtEnd && state.best?.step === state.step;
  return isBest || state.step % training.saveSteps === 0;
}

const stopsEarly = (state: TrainingState, { earlyStoppingPatience }: Training): boolean =>
  earlyStoppingPatience !== undefined && state.withoutImprovement >= earlyStoppingPatience;

function judge(state: TrainingState, line: EvaluationMetrics, training: Training): void {
  const { metricForBestModel: metric } = training;
  const value = metricValue(line, metric);
  state.schedule = scheduleAfter(training, state.schedule, value);
  if (!state.best || improves(metric, value, state.best.metric)) {
    state.best = { step: state.step, metric: value, digest: THIS_CHECKPOINT };
    state.withoutImprovement = 0;
  } else {
    state.withoutImprovement += 1;
  }
}

function withoutPlace(line: EvaluationMetrics | undefined) {
  if (!line) return undefined;
  const { step: _step, split: _split, ...metrics } = line;
  return metrics;
}
