/** Time in which the run was to work: without that in which it was paused or waited for approval. */
export class RunClock {
  /** Milliseconds in which it waited, and since when it does. */
  #waited = 0;
  #waitsSince: number | undefined;

  /** Milliseconds, of which only differences say something. */
  now(): number {
    const now = Date.now();
    return now - this.#waited - (this.#waitsSince === undefined ? 0 : now - this.#waitsSince);
  }

  waits(): void {
    this.#waitsSince ??= Date.now();
  }

  goesOn(): void {
    this.#waited += Date.now() - (this.#waitsSince ?? Date.now());
    this.#waitsSince = undefined;
  }
}
