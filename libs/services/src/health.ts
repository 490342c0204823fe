import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
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
  const end = Date.now() + START_LIMIT_MS;
  for (;;) {
    const failure = (await portAnswers(address)) ? await check().then(() => undefined, String) : 'no answer';
    if (failure === undefined) return;
    const exit = lease.exits.find((line) => line.startsWith(`${order.name}: `));
    if (exit || Date.now() > end) {
      throw new (exit ? EndedAtStart : TemperError)('SERVICE_UNAVAILABLE', {
        path: order.log,
        message: exit ? `the server ended while it started (${exit})` : 'the server does not become healthy',
        found: failure,
        hint: `its log:\n${await complaint(order.log, logStart)}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
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
  const first = text.search(/^.*(error|panic|fatal)/im);
  return (first < 0 ? text.slice(-2_000) : text.slice(first, first + 2_000)).trim() || '(nothing)';
}
