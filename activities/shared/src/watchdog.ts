import { TemperError } from '@temper/contracts';

export interface Watchdog extends Disposable {
  /** Aborted with TRAINER_DIED when nothing moved for too long. */
  readonly signal: AbortSignal;
  /** Something moved. `steady`: it was one of many equal steps, so its duration says how long the next may take. */
  touch(steady: boolean): void;
}

export interface WatchdogOptions {
  /** Milliseconds of silence while nothing is known yet: loading, compiling and the first step of a large model. */
  readonly first?: number;
  /** Never shorter than this afterwards, in milliseconds. */
  readonly least?: number;
  /** Allowed silence as a multiple of the longest steady one. */
  readonly factor?: number;
}

/**
 * Notices work that hangs. How long a step takes is known only to the work itself (milliseconds for a tiny model,
 * minutes on a software GPU), so the limit follows from what was seen.
 */
export function watchdog({
  first = 15 * 60_000,
  least = 120_000,
  factor = 10,
}: WatchdogOptions = {}): Watchdog {
  const abort = new AbortController();
  let last = performance.now();
  let wasSteady = false;
  let longest: number | undefined;
  const limit = () => (longest === undefined ? first : Math.max(least, factor * longest));
  const check = () => {
    const silent = performance.now() - last;
    if (silent > limit()) abort.abort(hung(silent));
  };
  const timer = setInterval(check, Math.min(1_000, least / 4));
  return {
    signal: abort.signal,
    touch: (steady) => {
      const now = performance.now();
      // From one steady step to the next only: what came before the first one was loading.
      if (steady && wasSteady) longest = Math.max(longest ?? 0, now - last);
      wasSteady = steady;
      last = now;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const hung = (silent: number) =>
  new TemperError('TRAINER_DIED', {
    path: 'trainer',
    message: `no progress for ${Math.round(silent / 1000)} s`,
    hint: 'the trainer is stopped and the run goes on from its last checkpoint, where it has one',
  });
