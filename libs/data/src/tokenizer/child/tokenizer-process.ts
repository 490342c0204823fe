import { TemperError } from '@temper/contracts';
import type { TokenizerFacts } from '../local-tokenizer.js';
import type { ItemOf, OperationName, OptionsOf, ResultOf } from './operations.js';
import { defaultLimits, type FromChild, type Limits, type ToChild } from './protocol.js';
import { Child, type End } from './spawn.js';

/** The child ended while it was at a request: it is tried again, or the request is given up. */
export class ChildEnded extends Error {
  constructor(readonly end: End) {
    super(`the tokenizer's process ended: ${end.how}`);
  }
}

interface Waiting {
  readonly message: ToChild;
  readonly resolve: (answer: FromChild) => void;
  readonly reject: (error: unknown) => void;
}

export interface ProcessOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** A child that ended so often at one place always will; one that took too much would again. */
export const ENDS = 3;

/**
 * The child process of one tokenizer: started where there is a request, started anew where it ended. Its answers come in
 * the order of the requests, so the oldest open one is what a child was at when it ended; those behind it are sent again.
 */
export class TokenizerProcess implements AsyncDisposable {
  #child: Child | undefined;
  #waiting: Waiting[] = [];
  #ended: { readonly reason: unknown } | undefined;
  /** Once nobody wants the child any more: when it is gone. */
  #gone: Promise<void> | undefined;
  /** Children in a row that ended while they opened the folder. */
  #unopened = 0;
  readonly #open: ToChild;
  readonly limits: Limits;

  constructor(
    folder: string,
    private readonly options: ProcessOptions,
  ) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.#open = { type: 'open', folder, limits: this.limits };
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    if (options.signal?.aborted) this.#abort();
  }

  async facts(): Promise<TokenizerFacts> {
    const answer = await new Promise<FromChild>((resolve, reject) => {
      // Every child opens the folder first; this one's answer is wanted.
      this.#add({ message: this.#open, resolve, reject });
    });
    return (answer as FromChild & { type: 'facts' }).facts;
  }

  /** @throws ChildEnded */
  async request<N extends OperationName>(
    operation: N,
    items: readonly ItemOf<N>[],
    options: OptionsOf<N>,
  ): Promise<ResultOf<N>[]> {
    const answer = await new Promise<FromChild>((resolve, reject) => {
      this.#add({ message: { type: 'request', operation, items, options }, resolve, reject });
    });
    return (answer as FromChild & { type: 'results' }).results as ResultOf<N>[];
  }

  #add(waiting: Waiting): void {
    if (this.#ended) return waiting.reject(this.#ended.reason);
    const { message } = waiting;
    this.#waiting.push(waiting);
    if (this.#child) this.#child.send(message);
    else this.#start();
    this.#child!.busy(true);
  }

  /** A new child for all that waits. */
  #start(): void {
    const child = new Child({
      // What one that was given up still sends, nobody waits for.
      onMessage: (answer) => {
        if (this.#child === child) this.#answered(answer);
      },
      onEnd: (end) => {
        if (this.#child === child) this.#childEnded(end);
      },
    });
    this.#child = child;
    if (this.#waiting[0]!.message !== this.#open) {
      this.#waiting.unshift({ message: this.#open, resolve: () => undefined, reject: (e) => this.#fail(e) });
    }
    for (const { message } of this.#waiting) child.send(message);
  }

  #answered(answer: FromChild): void {
    const { resolve, reject } = this.#waiting.shift()!;
    if (answer.type === 'facts') this.#unopened = 0;
    if (answer.type === 'error') reject(new TemperError(answer.error.code, answer.error.problems));
    else if (answer.type === 'unknown') reject(new Error(answer.message));
    else resolve(answer);
    if (!this.#waiting.length) this.#child?.busy(false);
  }

  #childEnded(end: End): void {
    this.#child = undefined;
    const opening = this.#waiting[0]?.message === this.#open;
    if (!opening || end.reason || ++this.#unopened >= ENDS)
      this.#waiting.shift()?.reject(new ChildEnded(end));
    if (this.#waiting.length && !this.#ended) {
      this.#start();
      this.#child!.busy(true);
    }
  }

  #abort = () => void this.#fail(this.options.signal!.reason);

  /** Ends the child and all that waits, now and later. */
  async #fail(reason: unknown): Promise<void> {
    this.#ended ??= { reason };
    this.#gone ??= this.#child?.kill();
    this.#child = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
    await this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.#abort);
    await this.#fail(new Error('the tokenizer was closed'));
  }
}
