import { secondsIn } from './seconds.js';

/** Seconds; who presses Ctrl-C waits for them. */
const DEFAULT = 18;
/** Seconds of them that are left for the stage's own end after its trainer's. */
const AFTER_TRAINER = 3;

/**
 * How a worker process stops: it takes no new work at once, a trainer writes a last checkpoint and light stages end by
 * themselves; what is not done after TEMPER_SHUTDOWN_SECONDS is done again by another worker.
 */
export function shutdown(env: NodeJS.ProcessEnv = process.env) {
  const seconds = secondsIn(env, 'TEMPER_SHUTDOWN_SECONDS', 86_400) ?? DEFAULT;
  return {
    worker: { shutdownGraceTime: 0, shutdownForceTime: seconds * 1000 },
    trainer: { graceMs: Math.max(1, seconds - AFTER_TRAINER) * 1000 },
  } as const;
}
