import type { TemperClient } from '@temper/client';
import type { Reporter } from '../progress/reporter.js';
import type { Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';

interface Snapshot {
  readonly lostSince?: Date | undefined;
  readonly result?: unknown;
}

/** What a client follows; where the servers are stopped and started again, they are at another address. */
export async function* snapshotsOf<T extends Snapshot>(
  session: Session,
  follow: (client: TemperClient) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  let client = session.client;
  for (;;) {
    let moved: TemperClient | undefined;
    for await (const snapshot of follow(client)) {
      yield snapshot;
      if (snapshot.lostSince && !snapshot.result) moved = await session.moved();
      if (moved) break;
    }
    if (!moved) return;
    client = moved;
  }
}

/** Milliseconds; `TEMPER_PATIENCE` says it in seconds. */
export function patience(): number | undefined {
  const seconds = Number(process.env.TEMPER_PATIENCE ?? '');
  return process.env.TEMPER_PATIENCE && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Says once that the server is lost, and once that it is back. */
export class OutageWords {
  #lost = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly reporter?: Reporter,
  ) {}

  tell(since: Date | undefined): void {
    if ((since !== undefined) === this.#lost) return;
    this.#lost = since !== undefined;
    this.reporter?.done();
    if (since)
      this.terminal.warn(
        'the Temporal server is out of reach; it is waited for; what was queued there goes on without this command',
      );
    else this.terminal.warn('the Temporal server is back');
  }
}
