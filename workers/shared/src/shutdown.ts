import { TemperError } from '@temper/contracts';

/** Seconds; who presses Ctrl-C waits for them. */
const DEFAULT = 18;
/** Seconds of them that are left for the stage's own end after its trainer's. */
const AFTER_TRAINER = 3;

/**
 * How a worker process stops: it takes no new work at once, a trainer writes a last checkpoint and light stages end by
 * themselves; what is not done after TEMPER_SHUTDOWN_SECONDS is done again by another worker.
 */
export function shutdown(env: NodeJS.ProcessEnv = process.env) {
  const seconds = secondsOf(env['TEMPER_SHUTDOWN_SECONDS']);
  return {
    worker: { shutdownGraceTime: 0, shutdownForceTime: seconds * 1000 },
    trainer: { graceMs: Math.max(1, seconds - AFTER_TRAINER) * 1000 },
  } as const;
}

function secondsOf(found: string | undefined): number {
  if (!found) return DEFAULT;
  const seconds = Number(found);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new TemperError('SPEC_INVALID', {
    path: 'TEMPER_SHUTDOWN_SECONDS',
    message: 'not a number of seconds',
    found,
    allowed: 'an integer of 1 to 86400',
  });
}
