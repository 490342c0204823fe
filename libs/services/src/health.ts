import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TemperError } from '@temper/contracts';
import type { Lease } from './lease.js';
import type { ServerOrder } from './supervision.js';

const START_LIMIT_MS = 60_000;

/** A server ended before it was healthy: a port of it may have been taken meanwhile. */
export class EndedAtStart extends TemperError {}

export interface Starting {
  readonly order: ServerOrder;
  readonly address: string;
  /** Throws until the server is healthy. */
  readonly check: () => Promise<void>;
}

/**
 * Polls until the server is healthy. Fails at once if it ends, else after a minute, with what its log says of this
 * start, which begins at `logStart` bytes.
 */
export async function untilHealthy(
  { order, address, check }: Starting,
  lease: Lease,
  logStart: number,
): Promise<void> {
  let failure = 'no answer';
  const healthy = async (): Promise<boolean> => {
    if (!(await portAnswers(address))) return false;
    return check().then(
      () => true,
      (error: unknown) => {
        failure = String(error);
        return false;
      },
    );
  };
  // Whoever took the server's port may take connections and never answer: its end and the limit are heard meanwhile.
  let exit: string | undefined;
  let over = false;
  const ended = lease.exit(order.name).then((how) => void (exit = how));
  const late = sleep(START_LIMIT_MS, undefined, { ref: false }).then(() => void (over = true));
  while (!exit && !over) {
    if (await Promise.race([healthy(), ended, late])) return;
    await sleep(30);
  }
  throw new (exit ? EndedAtStart : TemperError)('SERVICE_UNAVAILABLE', {
    path: order.log,
    message: exit ? `the server ended while it started (${exit})` : 'the server does not become healthy',
    found: failure,
    hint: `its log:\n${await complaint(order.log, logStart)}`,
  });
}

/** Does something listen on `HOST:PORT`? */
export function portAnswers(address: string, limitMs = 1_000): Promise<boolean> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({
      host: address.slice(0, at),
      port: Number(address.slice(at + 1)),
      timeout: limitMs,
    });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

/**
 * What a log has got since it had `start` bytes: 2,000 characters of it from the first line about a failure on (what
 * follows is its consequences, such as a stack trace), or else the last ones.
 */
export async function complaint(file: string, start: number): Promise<string> {
  const text = await readFile(file).then(
    (bytes) => bytes.subarray(start).toString('utf8'),
    () => '',
  );
  // SeaweedFS tries each of its ports in plain text once it listens, and complains of itself.
  const first = text.search(/^(?!.*TLS handshake).*(error|panic|fatal)/im);
  return (first < 0 ? text.slice(-2_000) : text.slice(first, first + 2_000)).trim() || '(nothing)';
}
