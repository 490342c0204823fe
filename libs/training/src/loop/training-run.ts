import {
  noSpans,
  type ArtifactRef,
  type EvaluationMetrics,
  type Metrics,
  type TokenizedSplit,
} from '@temper/contracts';
import type { TrainingSpec } from '@temper/spec';
import { RunStore } from '@temper/storage';
import { metricLineOf } from '@temper/tasks';
import type { BuiltTraining } from '../build.js';
import { keptEvaluation } from '../checkpoint/evaluation-file.js';
import { THIS_CHECKPOINT, type CheckpointSettings } from '../checkpoint/meta.js';
import type { Checkpoints } from '../checkpoint/checkpoints.js';
import { evaluateSplit } from '../evaluation.js';
import type { TrainJob, TrainResult } from '../job.js';
import { lastStepOf } from './changes.js';
import { hasExamples } from './due.js';
import { Interrupted } from './interrupted.js';
import { judge } from './judge.js';
import { MetricsLog } from './metrics-log.js';
import { logTo, numbersOf, StepSpans, tellStart } from './observe.js';
import { planSteps, stopStep, type StepPlan } from './plan.js';
import { Progress } from './progress.js';
import { evaluationHere, withLoss, type TrainingState } from './state.js';
import { trainBatches } from './train-batches.js';
import { trainStep, type Trainer } from './train-step.js';
import type { TrainPorts } from './train.js';

export interface RunParts {
  readonly built: BuiltTraining;
  readonly checkpoints: Checkpoints;
  /** With the changes that are in force. */
  readonly training: TrainingSpec;
  readonly state: TrainingState;
  readonly newest: ArtifactRef<'checkpoint'> | undefined;
  readonly changed: boolean;
}

/** A training at a step boundary, and what can be done there. */
export class TrainingRun {
  readonly state: TrainingState;
  readonly training: TrainingSpec;
  readonly validation: TokenizedSplit | undefined;
  /** The last step of the training, and that after which this job stops. */
  readonly lastStep: number;
  readonly stopAfter: number;
  /** Whether anything happened since the newest checkpoint: a step, an evaluation, or a change of settings. */
  changed: boolean;
  private newest: ArtifactRef<'checkpoint'> | undefined;
  private readonly plan: StepPlan;
  private readonly trainer: Trainer;
  private readonly progress: Progress;
  private readonly spans: StepSpans;
  private readonly runs: RunStore;
  private readonly log: MetricsLog;

  constructor(
    private readonly job: TrainJob,
    private readonly ports: TrainPorts,
    private readonly parts: RunParts,
  ) {
    const { built, checkpoints, training, state } = parts;
    this.state = state;
    this.training = training;
    this.validation = built.splits.validation;
    this.changed = parts.changed;
    this.newest = parts.newest;
    const batches = trainBatches(built.splits.train!, job.spec, built);
    this.plan = planSteps(batches.rows, training);
    const { totalSteps } = this.plan;
    this.lastStep = lastStepOf(this.plan, state);
    this.stopAfter = Math.min(this.lastStep, stopStep(this.plan, job.stopAt));
    this.progress = new Progress(ports.report, totalSteps);
    this.trainer = {
      ...built,
      plan: this.plan,
      training,
      batchAt: batches.at,
      onMicroBatch: this.progress.alive,
    };
    tellStart(ports, { from: state.step, to: totalSteps, threads: built.threads });
    this.spans = new StepSpans(ports.spans ?? noSpans, (totalSteps - state.step) / training.logSteps);
    this.runs = new RunStore(ports.artifacts.store);
    this.log = new MetricsLog(this.runs, job.runId, checkpoints.attempt);
  }

  async step(): Promise<void> {
    const { state, training, plan } = this;
    const line = await trainStep(this.trainer, state);
    this.changed = true;
    const isLast = state.step === plan.totalSteps;
    if (state.step % training.logSteps === 0 || isLast) {
      state.losses = withLoss(state.losses, line.loss);
      await this.log.add(line);
      this.spans.ended(line, isLast);
    }
    this.progress.step(line);
  }

  async save(): Promise<void> {
    const { state, ports } = this;
    const { built, checkpoints } = this.parts;
    const started = performance.now();
    this.progress.phase('saving', state.step);
    const saved = await (ports.spans ?? noSpans).within('checkpoint', { step: state.step }, async () => {
      await this.log.flush();
      const trained = { store: built.model.store, optimizer: built.optimizer.state };
      return checkpoints.save(trained, state, this.checkpointSettings());
    });
    this.newest = saved;
    const seconds = (performance.now() - started) / 1000;
    this.changed = false;
    if (state.best?.digest === THIS_CHECKPOINT) state.best = { ...state.best, digest: saved.digest };
    ports.report({ type: 'checkpoint', step: state.step, ref: saved, seconds });
    logTo(ports, `checkpoint of step ${state.step}`, { step: state.step, seconds });
  }

  /** Evaluates the validation split, into the log and the state. */
  async evaluate(): Promise<void> {
    const { state, parts } = this;
    const metrics = await this.measure();
    logTo(this.ports, `evaluation after step ${state.step}`, { step: state.step, ...numbersOf(metrics) });
    const inLine = metricLineOf(metrics, parts.built.labelNames.length);
    const line = { step: state.step, split: 'validation', ...inLine } as EvaluationMetrics;
    state.evaluation = line;
    await this.log.add(line);
    judge(state, line, this.training);
    this.changed = true;
  }

  /** The newest checkpoint. */
  async reached(): Promise<ArtifactRef<'checkpoint'>> {
    return this.newest!;
  }

  /** What the job returns. Where training stops for now, an evaluation that is not due is made aside, which it never hears of. */
  async result(finished: boolean): Promise<TrainResult> {
    const { state, plan } = this;
    const { checkpoints } = this.parts;
    const isMissing = !finished && hasExamples(this.validation) && !evaluationHere(state);
    const aside = isMissing ? await this.measure() : undefined;
    await this.log.flush();
    const best = finished && this.training.loadBestModelAtEnd ? state.best : undefined;
    return {
      checkpoint: best ? checkpoints.bestRef(best) : this.newest!,
      steps: state.step,
      totalSteps: plan.totalSteps,
      finished,
      validation: aside ?? withoutPlace(await this.evaluationOf(best)),
      metricsUri: await this.runs.closeMetrics(this.job.runId),
      stoppedEarly: finished && state.step < plan.totalSteps,
      ...(checkpoints.damaged.length ? { damaged: checkpoints.damaged } : {}),
      ...(state.changes.length ? { changes: state.changes } : {}),
    };
  }

  /** That of the best checkpoint, else the one made here. */
  private async evaluationOf(best: TrainingState['best']): Promise<EvaluationMetrics | undefined> {
    const { state, ports, parts } = this;
    if (!best || best.step === state.evaluation?.step) return best ? state.evaluation : evaluationHere(state);
    return keptEvaluation(ports.artifacts, parts.checkpoints.bestRef(best));
  }

  private measure(): Promise<Metrics> {
    const { state, ports, parts } = this;
    const { spans = noSpans } = ports;
    return spans.within('evaluate', { split: 'validation', step: state.step }, async (add) => {
      const measured = await evaluateSplit(parts.built.model, this.validation!, {
        ...parts.built,
        batchSize: this.training.evalBatchSize,
        trainBatchSize: this.training.trainBatchSize,
        onBatch: () => {
          this.progress.phase('evaluating', state.step);
          if (ports.interrupted?.()) throw new Interrupted(state.step);
        },
      });
      add(numbersOf(measured));
      return measured;
    });
  }

  private checkpointSettings(): CheckpointSettings {
    const { job, training } = this;
    return {
      seed: training.seed,
      threads: this.parts.built.threads,
      provider: this.ports.sessions.provider,
      engine: this.parts.built.engine,
      graphs: this.parts.built.graphs.digest,
      metricForBestModel: training.metricForBestModel,
      inputs: {
        baseModel: job.baseModel.digest,
        tokens: job.tokens.digest,
        ...(job.adapter ? { adapter: job.adapter.digest } : {}),
      },
    };
  }
}

function withoutPlace(line: EvaluationMetrics | undefined) {
  if (!line) return undefined;
  const { step: _step, split: _split, ...metrics } = line;
  return metrics;
}
