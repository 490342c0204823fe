import { leavingKey, Pointer, type ObjectStore } from '@temper/storage';

/** How long a training may take to write its last checkpoint and leave; one that died meanwhile is forgotten then. */
const LEAVING = 60_000;
/** After it has left, until the queue no longer counts the run that takes its place. */
const SETTLING = 3_000;

interface Leaving {
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * Who is about to leave a device of a queue. All workers of a pool see the same waiting run; without this note each of
 * them would give way to it.
 */
export class Preemptions {
  readonly #pointer: Pointer<readonly Leaving[]>;

  constructor(
    store: ObjectStore,
    queue: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#pointer = new Pointer(store, leavingKey(queue));
  }

  /** Whether this run is one of those that leave: at most as many as wait. */
  async claim(runId: string, waiting: number): Promise<boolean> {
    let granted = false;
    await this.#pointer.update((current = []) => {
      const others = this.#leaving(current, runId);
      granted = others.length < waiting;
      return granted ? [...others, { runId, until: this.now() + LEAVING }] : undefined;
    });
    return granted;
  }

  /** The device is free. */
  async done(runId: string): Promise<void> {
    await this.#pointer.update((current = []) => [
      ...this.#leaving(current, runId),
      { runId, until: this.now() + SETTLING },
    ]);
  }

  #leaving(current: readonly Leaving[], except: string): Leaving[] {
    return current.filter(({ runId, until }) => runId !== except && until > this.now());
  }
}
