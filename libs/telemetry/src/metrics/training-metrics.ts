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

/** What one training that runs has told last. */
interface Newest {
  loss?: number;
  stepsPerSecond?: number;
  tokensPerSecond?: number;
}

/**
 * Numbers of trainings, fed by the trainers' progress. Gauges of a pipeline are there only while it trains; of several
 * trainings of it at a time (trials, say) they are the mean of the losses and the sums of the speeds.
 */
export class TrainingMetrics {
  readonly #steps: Counter<'pipeline'>;
  readonly #tokens: Counter<'pipeline'>;
  readonly #loss: Gauge<'pipeline'>;
  readonly #stepRate: Gauge<'pipeline'>;
  readonly #tokenRate: Gauge<'pipeline'>;
  readonly #checkpoint: Histogram;
  readonly #running = new Map<string, Set<Newest>>();

  constructor(registry: Registry) {
    const common = { labelNames, registers: [registry] };
    const gauge = (name: string, help: string) => new Gauge({ name, help, ...common });
    const counter = (name: string, help: string) => new Counter({ name, help, ...common });
    this.#steps = counter('temper_training_steps_total', 'Optimizer steps.');
    this.#tokens = counter('temper_training_tokens_total', 'Tokens that were trained on, padding left out.');
    this.#loss = gauge(
      'temper_training_loss',
      'Loss of the newest step, while a training runs (the mean of several at a time).',
    );
    this.#stepRate = gauge('temper_training_steps_per_second', 'Speed of the trainings that run.');
    this.#tokenRate = gauge(
      'temper_training_tokens_per_second',
      'Speed of the trainings that run, padding left out.',
    );
    this.#checkpoint = new Histogram({
      name: 'temper_checkpoint_seconds',
      help: 'Time that a training stands still for a checkpoint: for its copy, and where it waits until it is stored.',
      buckets: [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      registers: [registry],
    });
  }

  watch(pipeline: string): TrainingWatch {
    const newest: Newest = {};
    const running = this.#running.get(pipeline) ?? new Set();
    this.#running.set(pipeline, running.add(newest));
    let told = { steps: 0, tokens: 0, seconds: 0 };
    let rated = told;
    return {
      progress: ({ loss, done }) => {
        if (!done) return;
        this.#steps.inc({ pipeline }, done.steps - told.steps);
        this.#tokens.inc({ pipeline }, done.tokens - told.tokens);
        told = done;
        if (loss !== undefined) newest.loss = loss;
        const seconds = done.seconds - rated.seconds;
        if (seconds >= RATE_SECONDS || (rated.steps === 0 && seconds > 0)) {
          newest.stepsPerSecond = (done.steps - rated.steps) / seconds;
          newest.tokensPerSecond = (done.tokens - rated.tokens) / seconds;
          rated = done;
        }
        this.#show(pipeline, running);
      },
      checkpoint: (seconds) => this.#checkpoint.observe(seconds),
      [Symbol.dispose]: () => {
        running.delete(newest);
        this.#show(pipeline, running);
        if (!running.size) this.#running.delete(pipeline);
      },
    };
  }

  /** The last numbers of a training that has ended would be read as the present ones for ever: they are removed. */
  #show(pipeline: string, running: ReadonlySet<Newest>): void {
    const show = (
      gauge: Gauge<'pipeline'>,
      name: keyof Newest,
      of: (sum: number, count: number) => number,
    ) => {
      const numbers = [...running].flatMap((newest) => newest[name] ?? []);
      const sum = numbers.reduce((a, b) => a + b, 0);
      if (numbers.length) gauge.set({ pipeline }, of(sum, numbers.length));
      else gauge.remove({ pipeline });
    };
    show(this.#loss, 'loss', (sum, count) => sum / count);
    show(this.#stepRate, 'stepsPerSecond', (sum) => sum);
    show(this.#tokenRate, 'tokensPerSecond', (sum) => sum);
  }
}
