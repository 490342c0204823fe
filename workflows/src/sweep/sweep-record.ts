import type { RunResult } from '@temper/contracts';
import type {
  SweepComparison,
  SweepInput,
  SweepProgress,
  SweepResult,
  SweepState,
  SweepStatus,
  SweepSummary,
  TrialRow,
} from '@temper/spec';
import { trialParams, trialRunId } from '@temper/spec/sweep-sampling';
import type { TrialEnd } from './trial.js';
import { Trials, type Turn } from './trials.js';
import { showTrials } from './visibility.js';

/** Of more trials than these only the best are listed: answers stay far below the limits of a payload. */
const LISTED = 200;
/** In the model card and in the Temporal UI. */
const COMPARED = 50;
const SHOWN = 10;

/** The sweep's own account of itself: what the `progress` query answers, the result, and what the next execution is told. */
export class SweepRecord {
  readonly trials: Trials;
  readonly sweepId: string;
  readonly #spec: SweepInput['spec'];
  #phase: SweepProgress['phase'] = 'preparing';
  #status: SweepStatus = 'running';
  #failure: SweepResult['error'];

  constructor(sweepId: string, { spec, state }: SweepInput) {
    this.sweepId = sweepId;
    this.#spec = spec;
    this.#failure = state?.failure;
    const reductionFactor = spec.strategy === 'asha' ? spec.asha.reductionFactor : undefined;
    const options = { trials: spec.trials, mode: spec.objective.mode, reductionFactor };
    this.trials = Trials.decode(options, state?.trials ?? '');
  }

  enter(phase: SweepProgress['phase']): void {
    this.#phase = phase;
    this.#show();
  }

  started(): void {
    this.#show();
  }

  finished(turn: Turn, { error, ...outcome }: TrialEnd): void {
    this.trials.finished(turn, outcome);
    if (error) this.#failure ??= error;
    this.#show();
  }

  state(): SweepState {
    return { trials: this.trials.encode(), ...(this.#failure ? { failure: this.#failure } : {}) };
  }

  progress(limit = LISTED): SweepProgress {
    const running = this.trials.running.map((trial) => this.row(trial));
    const rest = this.#rows(Math.max(0, limit - running.length));
    return { ...this.#summary(), phase: this.#phase, trials: [...running, ...rest] };
  }

  comparison(): SweepComparison {
    const rows = this.#rows(COMPARED).map(({ runId: _, ...row }) => row);
    const { strategy, objective, trials, name } = this.#spec;
    return { sweep: name, strategy, objective, trials, rows };
  }

  /** No trial has the metric: the first failure is the likeliest reason. */
  get whyNone(): NonNullable<SweepResult['error']> {
    const message = `no trial has a ${this.#spec.objective.metric}`;
    const problem = {
      path: 'search',
      message,
      hint: 'narrow the ranges; a learning rate may be far too large',
    };
    const { code = 'UNKNOWN', problems = [] } = this.#failure ?? {};
    const first = problems[0] ? `${message}; the first failed with: ${problems[0].message}` : message;
    return { code, message: first, problems: [problem, ...problems] };
  }

  /** The published (or refused) run of the best trial. */
  published({ status, model, metrics, artifacts, error, verdicts }: RunResult): SweepResult {
    const ended = status === 'refused' ? 'refused' : 'completed';
    return this.#end(ended, {
      metrics,
      artifacts,
      ...(model ? { model } : {}),
      ...(verdicts ? { verdicts } : {}),
      ...(error ? { error } : {}),
    });
  }

  failed(error: NonNullable<SweepResult['error']>): SweepResult {
    return this.#end('failed', { error, metrics: {}, artifacts: {} });
  }

  cancelled(): SweepResult {
    return this.#end('cancelled', { metrics: {}, artifacts: {} });
  }

  row(trial: number): TrialRow {
    const { status, metrics, steps, verdicts } = this.trials.get(trial);
    const metric = metrics.at(-1) ?? undefined;
    return {
      trial,
      runId: trialRunId(this.sweepId, trial),
      status,
      params: trialParams(this.#spec, trial),
      ...(metric === undefined ? {} : { metric }),
      ...(steps === undefined ? {} : { steps }),
      ...(verdicts?.length ? { verdicts } : {}),
    };
  }

  #end(
    status: SweepStatus,
    more: Pick<SweepResult, 'metrics' | 'artifacts' | 'model' | 'verdicts' | 'error'>,
  ): SweepResult {
    this.trials.close();
    this.#status = status;
    this.enter('ended');
    return { ...this.#summary(), trials: this.#rows(LISTED), ...more };
  }

  #summary(): SweepSummary {
    const { name, strategy, objective } = this.#spec;
    const { best, counts } = this.trials;
    return {
      sweepId: this.sweepId,
      name,
      status: this.#status,
      strategy,
      objective,
      counts,
      ...(best === undefined ? {} : { best: this.row(best) }),
    };
  }

  #rows(limit: number): TrialRow[] {
    return this.trials.ranked(limit).map((trial) => this.row(trial));
  }

  #show(): void {
    showTrials(this.progress(SHOWN));
  }
}
