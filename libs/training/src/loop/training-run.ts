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
import type { Saver } from '../checkpoint/saver.js';
import { evaluateSplit } from '../evaluation.js';
import type { TrainJob, TrainResult } from '../job.js';
import { applyChanges, lastStepOf, settingsOf } from './changes.js';
import { hasExamples } from './due.js';
import { Interrupted } from './interrupted.js';
import { judge } from './judge.js';
import { MetricsLog } from './metrics-log.js';
import { logTo, numbersOf, StepSpans, tellStart } from './observe.js';
import { planSteps, stopStep, type StepPlan } from './plan.js';
import { Progress } from './progress.js';
import { Saving, type Committed } from './saving.js';
import { evaluationHere, withLoss, type TrainingState } from './state.js';
import { trainBatches } from './train-batches.js';
import { trainStep, type Trainer } from './train-step.js';
import type { TrainPorts } from './train.js';

export interface RunParts {
  readonly built: BuiltTraining;
  readonly checkpoints: Checkpoints;
  readonly saver: Saver;
  readonly state: TrainingState;
  readonly newest: ArtifactRef<'checkpoint'> | undefined;
  readonly changed: boolean;
}

/** A training at a step boundary, and what can be done there. */
export class TrainingRun implements AsyncDisposable {
  readonly state: TrainingState;
  readonly validation: TokenizedSplit | undefined;
  private settings: ReturnType<TrainingRun['inForce']>;
  /** Whether anything happened since the last copy: a step, an evaluation, or a change of settings. */
  changed: boolean;
  /** Of those that are committed. */
  private newest: ArtifactRef<'checkpoint'> | undefined;
  private readonly saving: Saving;
  private stepMs = 0;
  private readonly plan: StepPlan;
  private readonly trainer: Omit<Trainer, 'training'>;
  private readonly progress: Progress;
  private readonly spans: StepSpans;
  private readonly runs: RunStore;
  private readonly log: MetricsLog;

  constructor(
    private readonly job: TrainJob,
    private readonly ports: TrainPorts,
    private readonly parts: RunParts,
  ) {
    const { built, checkpoints, state } = parts;
    const training = settingsOf(job.spec.training, state);
    this.state = state;
    this.validation = built.splits.validation;
    this.changed = parts.changed;
    this.newest = parts.newest;
    const batches = trainBatches(built.splits.train!, job.spec, built);
    this.plan = planSteps(batches.rows, training);
    const { totalSteps } = this.plan;
    this.settings = this.inForce();
    this.progress = new Progress(ports.report, totalSteps);
    this.trainer = {
      ...built,
      plan: this.plan,
      batchAt: batches.at,
      onMicroBatch: this.progress.alive,
    };
    tellStart(ports, { from: state.step, to: totalSteps, threads: built.threads });
    this.spans = new StepSpans(ports.spans ?? noSpans, (totalSteps - state.step) / training.logSteps);
    this.runs = new RunStore(ports.artifacts.store);
    this.log = new MetricsLog(this.runs, job.runId, checkpoints.attempt);
    const trained = { store: built.model.store, optimizer: built.optimizer.state };
    this.saving = new Saving({ saver: parts.saver, trained, spans: ports.spans, onCommit: this.onCommit });
  }

  /** The spec's, with the changes that are in force. */
  get training(): TrainingSpec {
    return this.settings.training;
  }

  /** The last step of the training. */
  get lastStep(): number {
    return this.settings.lastStep;
  }

  /** That after which this job stops. */
  get stopAfter(): number {
    return Math.min(this.lastStep, stopStep(this.plan, this.job.stopAt));
  }

  /** Puts what is due at this step in force. */
  change(): void {
    if (!applyChanges(this.state, this.job.changes)) return;
    this.settings = this.inForce();
    this.changed = true;
  }

  private inForce() {
    const { job, plan, state } = this;
    return { training: settingsOf(job.spec.training, state), lastStep: lastStepOf(plan, state) };
  }

  async step(): Promise<void> {
    const { state, training, plan } = this;
    this.saving.check();
    const line = await trainStep({ ...this.trainer, training }, state);
    this.changed = true;
    this.stepMs += line.stepMs;
    const isLast = state.step === plan.totalSteps;
    if (state.step % training.logSteps === 0 || isLast) {
      state.losses = withLoss(state.losses, line.loss);
      await this.log.add(line);
      this.spans.ended(line, isLast);
    }
    this.progress.step(line);
  }

  /** Takes the copy of a checkpoint; it is stored while training goes on. */
  async save(): Promise<void> {
    const { state, log } = this;
    this.progress.phase('saving', state.step);
    // The state is looked at when the checkpoint before is committed: which is the best may be named by its digest.
    await this.saving.begin(() => ({
      state: { ...state },
      settings: this.checkpointSettings(),
      lines: log.take(),
    }));
    this.changed = false;
  }

  /** Waits until what was copied last is in the store, and named by the run. */
  saved(): Promise<void> {
    return this.saving.committed();
  }

  private readonly onCommit = ({ ref, save, seconds, stoodSeconds }: Committed): void => {
    const { state, ports } = this;
    const { step, best } = save.state;
    this.newest = ref;
    if (best?.digest === THIS_CHECKPOINT && state.best === best) state.best = { ...best, digest: ref.digest };
    ports.report({ type: 'checkpoint', step, ref, seconds: stoodSeconds });
    logTo(ports, `checkpoint of step ${step}`, { step, seconds, stoodSeconds });
  };

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

  /** The checkpoint at which it has stopped. */
  async reached(): Promise<ArtifactRef<'checkpoint'>> {
    await this.saved();
    return this.newest!;
  }

  /** What the job returns. Where training stops for now, an evaluation that is not due is made aside, which it never hears of. */
  async result(finished: boolean): Promise<TrainResult> {
    const { state, plan, ports } = this;
    const { checkpoints } = this.parts;
    const isMissing = !finished && hasExamples(this.validation) && !evaluationHere(state);
    const aside = isMissing ? await this.measure() : undefined;
    await this.saved();
    await this.log.flush();
    const { stepMs, saving } = this;
    logTo(ports, `trained to step ${state.step}`, {
      step: state.step,
      stepSeconds: stepMs / 1000,
      savingSeconds: saving.stoodMs / 1000,
    });
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.saving[Symbol.asyncDispose]();
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
          if (ports.interrupted?.(state.step)) throw new Interrupted(state.step);
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
