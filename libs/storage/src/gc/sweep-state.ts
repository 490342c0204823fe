import { randomUUID } from 'node:crypto';
import { TemperError } from '@temper/contracts';
import type { ObjectStore } from '../object-store.js';
import { Pointer } from '../pointer.js';
import { isConflict } from '../write.js';

/** Value of `refs/gc`: what the one collection that may be at work is doing. The protocol: docs/decisions (collection beside writers). */
export interface SweepState {
  /** Rises with every collection. */
  readonly epoch: number;
  /** `sweeping`: the objects of `condemned` are being deleted, and no others. */
  readonly phase: 'idle' | 'marking' | 'sweeping';
  /** Of this collection alone. */
  readonly id: string;
  /** Who collects, for people. */
  readonly by: string;
  /** Rises while it lives. */
  readonly beat: number;
}

export const SWEEP_KEY = 'refs/gc';
export const condemnedKey = ({ epoch, id }: Pick<SweepState, 'epoch' | 'id'>) =>
  `gc/condemned/${epoch}-${id}.txt`;
/** Milliseconds without a sign of life after which a collection counts as dead. It deletes only in the first half of them. */
export const LEASE_MS = 60_000;
const CLOCK_KEY = 'gc/clock';

export const sweepPointer = (store: ObjectStore) => new Pointer<SweepState>(store, SWEEP_KEY);

/** Now by the clock of the store, to the second: what ages are measured by, whatever the clocks of the machines say. */
export async function storeNow(store: ObjectStore, key = CLOCK_KEY): Promise<number> {
  await store.put(key, new TextEncoder().encode(randomUUID()));
  const modified = (await store.head(key))?.modified;
  if (modified !== undefined) return modified;
  throw new TemperError('STORE_REFUSED', {
    path: `s3://${store.bucket}/${key}`,
    message: 'the store does not tell when an object was written: nothing can be removed by age',
    allowed: 'a Last-Modified header',
  });
}

/** Begins to measure; what it returns gives the milliseconds since. */
export type StopWatch = () => () => number;

/** Of this process; both, because one stands still while the machine sleeps and the other may be set. */
const stopWatch: StopWatch = () => {
  const [steady, wall] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - steady, Date.now() - wall);
};

/** The right to delete, held by compare-and-swap: who takes it over leaves the one before without it. */
export class Sweep {
  #etag: string;
  #state: SweepState;
  #elapsed: () => number;
  #renewing: Promise<void> | undefined;

  private constructor(
    private readonly store: ObjectStore,
    state: SweepState,
    etag: string,
    private readonly watch: StopWatch,
    elapsed: () => number,
    /** By the store's clock, when it began. */
    readonly startedAt: number,
  ) {
    this.#state = state;
    this.#etag = etag;
    this.#elapsed = elapsed;
  }

  get state(): SweepState {
    return this.#state;
  }

  /** Undefined where another collection is at work, which `onBusy` is told of. */
  static async begin(
    store: ObjectStore,
    by: string,
    onBusy: (state: SweepState) => void = () => undefined,
    watch: StopWatch = stopWatch,
  ): Promise<Sweep | undefined> {
    const pointer = sweepPointer(store);
    const now = await storeNow(store);
    const current = await pointer.read();
    const written = (await store.head(SWEEP_KEY))?.modified;
    if (current && current.value.phase !== 'idle' && written !== undefined && now - written < LEASE_MS) {
      onBusy(current.value);
      return undefined;
    }
    const epoch = (current?.value.epoch ?? 0) + 1;
    const state: SweepState = { epoch, phase: 'marking', id: randomUUID(), by, beat: 0 };
    const elapsed = watch();
    try {
      const etag = await pointer.compareAndSwap(current?.etag, state);
      return new Sweep(store, state, etag, watch, elapsed, now);
    } catch (error) {
      if (!isConflict(error)) throw error;
      onBusy((await pointer.read())?.value ?? state);
      return undefined;
    }
  }

  /** Throws STORE_CONFLICT where the right was lost. */
  async move(phase: SweepState['phase']): Promise<void> {
    const next = { ...this.#state, phase, beat: this.#state.beat + 1 };
    // Counted from before the request: what others see of it is not older than that.
    const elapsed = this.watch();
    this.#etag = await sweepPointer(this.store).compareAndSwap(this.#etag, next);
    this.#state = next;
    this.#elapsed = elapsed;
  }

  /** A sign of life where the last one is some time ago. Readers side by side give one between them. */
  async renew(): Promise<void> {
    if (this.#elapsed() <= LEASE_MS / 6) return;
    this.#renewing ??= this.move(this.#state.phase).finally(() => (this.#renewing = undefined));
    await this.#renewing;
  }

  /** Right before a deletion: who was held up longer than half the lease may have been given up by others. */
  assertAlive(): void {
    if (this.#elapsed() < LEASE_MS / 2) return;
    throw new TemperError('STORE_CONFLICT', {
      path: SWEEP_KEY,
      message: 'the collection was held up too long to be sure that nobody has taken over',
      hint: 'nothing is lost: the next temper gc goes on',
    });
  }
}
