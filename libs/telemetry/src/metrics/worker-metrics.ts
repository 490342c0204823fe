import {
  errorCodes,
  stageNames,
  type Collected,
  type StageAttempt,
  type StageMetrics,
  type StageOutcome,
  type StoreRequest,
} from '@temper/contracts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TrainingMetrics } from './training-metrics.js';

const minutes = 60;
const hours = 60 * minutes;

/** Of Node's own numbers, those that a worker is judged by. */
const kept = /^process_|^nodejs_eventloop_lag_p99_seconds$/;

/**
 * What a worker counts. Labels are of few values only: pipelines, stages, pools, operations, codes – never runs.
 * Each family has the label `pool`, which is the worker's.
 */
export class WorkerMetrics implements StageMetrics {
  readonly registry = new Registry();
  readonly training: TrainingMetrics;

  readonly #seconds = this.#histogram(
    'temper_stage_seconds',
    'Duration of an attempt of a stage.',
    ['stage', 'outcome'],
    [0.1, 0.5, 1, 5, 15, minutes, 5 * minutes, 15 * minutes, hours, 4 * hours, 12 * hours, 48 * hours],
  );
  readonly #attempts = this.#counter('temper_stage_attempts_total', 'Attempts of stages that have ended.', [
    'pipeline',
    'stage',
    'outcome',
  ]);
  readonly #failures = this.#counter('temper_stage_failures_total', 'Attempts that failed, by error code.', [
    'stage',
    'code',
  ]);
  readonly #running = this.#gauge('temper_stages_running', 'Attempts of stages that run now.', ['stage']);
  readonly #wait = this.#histogram(
    'temper_queue_wait_seconds',
    'From the scheduling of a stage to its start on this worker.',
    ['stage'],
    [0.05, 0.1, 0.5, 1, 5, 15, minutes, 5 * minutes, 15 * minutes, hours, 4 * hours],
  );
  readonly #requests = this.#counter(
    'temper_s3_requests_total',
    'Requests to the object store, each try counted.',
    ['operation', 'code'],
  );
  readonly #errors = this.#counter(
    'temper_s3_errors_total',
    'Requests that the object store refused or did not answer.',
    ['operation', 'code'],
  );
  readonly #requestSeconds = this.#histogram(
    'temper_s3_seconds',
    'Duration of a request to the object store, to the first byte of its answer.',
    ['operation'],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );

  readonly #collections = this.#counter(
    'temper_gc_collections_total',
    'Collections of garbage that have ended.',
    ['outcome'],
  );
  readonly #collectedBytes = this.#counter(
    'temper_gc_removed_bytes_total',
    'Bytes that collections removed from the store.',
    [],
  );
  readonly #keptBytes = this.#gauge(
    'temper_gc_kept_bytes',
    'Bytes of the store that the last collection kept.',
    [],
  );

  constructor(pool: string) {
    this.registry.setDefaultLabels({ pool });
    this.training = new TrainingMetrics(this.registry);
    // A series that begins with its first failure would show no increase of it.
    for (const stage of stageNames) {
      this.#running.set({ stage }, 0);
      for (const code of [...Object.keys(errorCodes), 'UNKNOWN']) this.#failures.inc({ stage, code }, 0);
    }
    collectDefaultMetrics({ register: this.registry });
    for (const { name } of this.registry.getMetricsAsArray()) {
      if (!name.startsWith('temper_') && !kept.test(name)) this.registry.removeSingleMetric(name);
    }
  }

  stageStarted({ stage }: StageAttempt, waitedSeconds: number): void {
    this.#running.inc({ stage });
    this.#wait.observe({ stage }, Math.max(0, waitedSeconds));
  }

  /** `code`: of a failure. */
  stageEnded({ pipeline, stage }: StageAttempt, outcome: StageOutcome, seconds: number, code?: string): void {
    this.#running.dec({ stage });
    this.#seconds.observe({ stage, outcome }, seconds);
    this.#attempts.inc({ pipeline, stage, outcome });
    if (outcome === 'failed') this.#failures.inc({ stage, code: code ?? 'UNKNOWN' });
  }

  collected({ dryRun, busy, bytes }: Collected): void {
    const outcome = busy === undefined ? (dryRun ? 'dry-run' : 'completed') : 'busy';
    this.#collections.inc({ outcome });
    if (busy !== undefined) return;
    if (!dryRun) this.#collectedBytes.inc(bytes.removed);
    this.#keptBytes.set(dryRun ? bytes.before : bytes.after);
  }

  storeRequest({ operation, code, seconds }: StoreRequest): void {
    this.#requests.inc({ operation, code });
    this.#requestSeconds.observe({ operation }, seconds);
    if (isError(code)) this.#errors.inc({ operation, code });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}

/** A key that is not there and a condition that is not met are answers, not errors. */
const isError = (code: string): boolean =>
  code === 'no_answer' || (Number(code) >= 400 && code !== '404' && code !== '412');
