import { isGrpcServiceError, type ConnectionLike } from '@temporalio/client';

/** gRPC statuses that say nothing of a request but that it did not get through. */
const OUT_OF_REACH: ReadonlySet<number> = new Set([
  1, // CANCELLED: the connection was closed under it
  4, // DEADLINE_EXCEEDED
  8, // RESOURCE_EXHAUSTED
  14, // UNAVAILABLE
]);

/** A look that takes longer has met a server that hangs. */
const LOOK_DEADLINE = 10_000;

/** How long followers go on without the server, in milliseconds. */
const DEFAULT_PATIENCE = 10 * 60_000;

/** Looks at a server that may go away and come back: the time since it was lost, and whether it was waited for long enough. */
export class Outage {
  #since: Date | undefined;

  constructor(
    private readonly connection: ConnectionLike,
    private readonly patience = DEFAULT_PATIENCE,
  ) {}

  /** When the server was last lost; undefined while it can be reached. */
  get since(): Date | undefined {
    return this.#since;
  }

  get over(): boolean {
    return this.#since !== undefined && Date.now() - this.#since.getTime() >= this.patience;
  }

  /** What the look gives; undefined where the server is out of reach. Its refusals are thrown. */
  async look<T>(look: () => Promise<T>): Promise<T | undefined> {
    try {
      const deadline = Date.now() + Math.max(1_000, Math.min(LOOK_DEADLINE, this.patience));
      const seen = await this.connection.withDeadline(deadline, look);
      this.#since = undefined;
      return seen;
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      this.#since ??= new Date();
      return undefined;
    }
  }
}

function isOutOfReach(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (isGrpcServiceError(e)) return OUT_OF_REACH.has(e.code);
    if (e.name === 'TransportError') return true;
  }
  return false;
}
