/** Closes what was opened, last first, each even where another fails (AsyncDisposableStack is not in Node 20). */
export class Closing implements AsyncDisposable {
  #open: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  /** Hands everything over: this one closes nothing any more. */
  move(): Closing {
    const taken = new Closing();
    [taken.#open, this.#open] = [this.#open, []];
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const resource of this.#open.splice(0).reverse()) {
      try {
        await resource[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length) throw failures[0];
  }
}
