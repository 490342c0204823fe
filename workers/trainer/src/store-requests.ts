import type { StoreRequest } from '@temper/contracts';
import type { TrainerEvent } from '@temper/training';

export type StoreEvent = TrainerEvent & { readonly type: 'store' };

const MAX_HELD = 200;
const MAX_MS = 1_000;

/** Tells the parent of the requests to the object store, some at a time. */
export class StoreRequests {
  #held: StoreRequest[] = [];
  #sentAt = performance.now();

  constructor(private readonly report: (event: StoreEvent) => void) {}

  readonly add = (request: StoreRequest): void => {
    this.#held.push(request);
    if (this.#held.length >= MAX_HELD || performance.now() - this.#sentAt >= MAX_MS) this.flush();
  };

  flush(): void {
    this.#sentAt = performance.now();
    if (this.#held.length) this.report({ type: 'store', requests: this.#held });
    this.#held = [];
  }
}
