import type { Collected } from './collection.js';
import type { StageName } from './run.js';

/** One request to the object store, each try counted. */
export interface StoreRequest {
  /** `PutObject`, `GetObject`, … */
  readonly operation: string;
  /** HTTP status, or `no_answer`. */
  readonly code: string;
  readonly seconds: number;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** The port to a tracer, for code that knows no vendor. */
export interface Spans {
  /** The time that `work` takes; what it throws marks the span as failed, with its code. `add`: more attributes. */
  within<T>(
    name: string,
    attributes: SpanAttributes,
    work: (add: (more: SpanAttributes) => void) => Promise<T>,
  ): Promise<T>;
  /** Something that has just ended. */
  past(name: string, milliseconds: number, attributes: SpanAttributes): void;
}

/** Where nobody traces. */
export const noSpans: Spans = {
  within: (_name, _attributes, work) => work(() => undefined),
  past: () => undefined,
};

/** How an attempt of a stage ended; `interrupted`: its worker shut down and another one goes on. */
export type StageOutcome = 'completed' | 'cached' | 'failed' | 'cancelled' | 'interrupted';

export interface StageAttempt {
  readonly pipeline: string;
  readonly stage: StageName;
}

/** The port to what counts attempts of stages. Seconds; `code`: of a failure. */
export interface StageMetrics {
  stageStarted(attempt: StageAttempt, waitedSeconds: number): void;
  stageEnded(attempt: StageAttempt, outcome: StageOutcome, seconds: number, code?: string): void;
  /** What a collection by the clock came to. */
  collected?(collected: Collected): void;
}
