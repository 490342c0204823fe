import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';

/** A worker's process, as far as whoever keeps it running is concerned. */
export interface Supervised {
  readonly log: string;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface Supervision {
  readonly start: () => Promise<Supervised>;
  readonly warn: (line: string) => void;
  /** Ends the worker, and the supervision. */
  readonly signal: AbortSignal;
  /** Milliseconds before a worker that died is started again, doubled each time up to a minute. */
  readonly pause?: number;
}

const LONGEST_PAUSE = 60_000;

/**
 * Starts a worker that died again, and one that dies at its start, or finds no server, again and again: nothing is lost
 * meanwhile, and runs wait. One that lived for a minute is in order: the next pause is the first one again.
 */
export async function superviseWorker(
  first: Supervised,
  { start, warn, signal, pause: shortest = 1_000 }: Supervision,
): Promise<void> {
  let worker: Supervised | undefined = first;
  let pause = shortest;
  for (;;) {
    if (worker) {
      const began = performance.now();
      await Promise.race([worker.exited, aborted(signal)]);
      if (signal.aborted) return worker.stop();
      if (performance.now() - began > LONGEST_PAUSE) pause = shortest;
      warn(`the worker ended (see ${worker.log}); it is started again`);
    }
    await Promise.race([sleep(pause), aborted(signal)]);
    if (signal.aborted) return;
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    worker = await start().catch((error: unknown) => {
      if (!(error instanceof TemperError)) throw error;
      warn(`${error.message}; it is started again in ${Math.round(pause / 1000)} s`);
      return undefined;
    });
  }
}

export const aborted = (signal: AbortSignal) =>
  new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
