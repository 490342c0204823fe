import type { TokenizerFacts } from '../local-tokenizer.js';
import type { OperationName, SentError } from './operations.js';

/** To the child: first the model's folder, then requests, which it does one after the other. */
export type ToChild =
  | { readonly type: 'open'; readonly folder: string; readonly limits: Limits }
  | {
      readonly type: 'request';
      readonly operation: OperationName;
      readonly items: readonly unknown[];
      readonly options: unknown;
    };

/** From the child: one answer a message, in their order. `unknown`: an error that nobody foresaw. */
export type FromChild =
  | { readonly type: 'facts'; readonly facts: TokenizerFacts }
  | { readonly type: 'results'; readonly results: readonly unknown[] }
  | { readonly type: 'error'; readonly error: SentError }
  | { readonly type: 'unknown'; readonly message: string };

/** How much a child may take before it is ended. Milliseconds are of processor time, so that a busy machine ends nothing. */
export interface Limits {
  /** To read the tokenizer's files. */
  readonly openMs: number;
  /** For one item. */
  readonly itemMs: number;
  /** For items that are worked on at once; where they take longer, they are tried one by one. */
  readonly batchMs: number;
  /** Of memory, at any time. */
  readonly bytes: number;
}

export const defaultLimits: Limits = { openMs: 30_000, itemMs: 10_000, batchMs: 3_000, bytes: 2 ** 30 };

/** Written by the guard, on a pipe of its own, before it ends the child. */
export interface Verdict {
  readonly reason: 'time' | 'memory';
  /** The item of the request that was worked on; absent: all of them. */
  readonly item?: number;
}

/** Pipe of the verdict, and channel of the messages, in the child. */
export const VERDICT_FD = 4;

/** Cells of the memory that the guard shares with the work it guards. */
export const cells = { change: 0, item: 1, limitMs: 2, count: 3 } as const;
/** In `item`: nothing is worked on, or all items at once. */
export const IDLE = -2;
export const ALL = -1;
