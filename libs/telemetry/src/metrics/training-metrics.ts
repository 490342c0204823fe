import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What a trainer tells of a step; the sums are since its process began. */
export interface TrainingProgress {
  readonly loss?: number | undefined;
  readonly done?: { readonly steps: number; readonly tokens: number; readonly seconds: number } | undefined;
}

/** One trainer process, until it has ended. */
export interface TrainingWatch extends Disposable {
  progress(progress: TrainingProgress): void;
  checkpoint(seconds: number): void;
}

/** Rates are of this many seconds of training at least, so that one odd step does not show. */
const RATE_SECONDS = 0.5;

const labelNames = ['pipeline'] as const;

/** Numbers of trainings, fed by the trainers' progress. Gauges of a pipeline are there only while it trains. */
export class TrainingMetrics {
  readonly #steps: Counter<'pipeline'>;
  readonly #tokens: Counter<'pipeline'>;
  readonly #loss: Gauge<'pipeline'>;
  readonly #stepRate: Gauge<'pipeline'>;
  readonly #tokenRate: Gauge<'pipeline'>;
  readonly #checkpoint: Histogram;
  readonly #active = new Map<string, number>();

  constructor(registry: Registry) {
    const common = { labelNames, registers: [registry] };
    const gauge = (name: string, help: string) => new Gauge({ name, help, ...common });
    const counter = (name: string, help: string) => new Counter({ name, help, ...common });
    this.#steps = counter('temper_training_steps_total', 'Optimizer steps.');
    this.#tokens = counter('temper_training_tokens_total', 'Tokens that were trained on, padding left out.');
    this.#loss = gauge('temper_training_loss', 'Loss of the newest step, while a training runs.');
    this.#stepRate = gauge('temper_training_steps_per_second', 'Speed of the training that runs.');
    this.#tokenRate = gauge(
      'temper_training_tokens_per_second',
      'Speed of the training that runs, padding left out.',
    );
    this.#checkpoint = new Histogram({
      name: 'temper_checkpoint_seconds',
      help: 'Time that a training waits for a checkpoint to be in the store.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      registers: [registry],
    });
  }

  watch(pipeline: string): TrainingWatch {
    this.#active.set(pipeline, (this.#active.get(pipeline) ?? 0) + 1);
    let told = { steps: 0, tokens: 0, seconds: 0 };
    let rated = told;
    return {
      progress: ({ loss, done }) => {
        if (!done) return;
        this.#steps.inc({ pipeline }, done.steps - told.steps);
        this.#tokens.inc({ pipeline }, done.tokens - told.tokens);
        told = done;
        if (loss !== undefined) this.#loss.set({ pipeline }, loss);
        const seconds = done.seconds - rated.seconds;
        if (seconds < RATE_SECONDS && rated.steps > 0) return;
        this.#stepRate.set({ pipeline }, (done.steps - rated.steps) / seconds);
        this.#tokenRate.set({ pipeline }, (done.tokens - rated.tokens) / seconds);
        rated = done;
      },
      checkpoint: (seconds) => this.#checkpoint.observe(seconds),
      [Symbol.dispose]: () => this.#ended(pipeline),
    };
  }

  /** The last loss of a training that has ended would be read as the present one for ever. */
  #ended(pipeline: string): void {
    const left = this.#active.get(pipeline)! - 1;
    this.#active.set(pipeline, left);
    if (left > 0) return;
    this.#active.delete(pipeline);
    for (const gauge of [this.#loss, this.#stepRate, this.#tokenRate]) gauge.remove({ pipeline });
  }
}
