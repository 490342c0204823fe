import { secondsIn } from './seconds.js';

/**
 * Milliseconds between the heartbeats of a stage, by TEMPER_HEARTBEAT_SECONDS. A stage beats three times in its heartbeat
 * timeout in any case; a longer one is the client's to ask for.
 */
export function heartbeatInterval(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const seconds = secondsIn(env, 'TEMPER_HEARTBEAT_SECONDS', 60);
  return seconds === undefined ? undefined : seconds * 1000;
}
