import { open, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { TemperError } from '@temper/contracts';
import type { Lease } from './lease.js';
import type { ServerOrder } from './supervision.js';

const START_LIMIT_MS = 60_000;

/** Polls until the server is healthy. Fails with the tail of its log, at once if it ends, else after a minute. */
export async function untilHealthy(
  order: ServerOrder,
  address: string,
  check: () => Promise<void>,
  lease: Lease,
): Promise<void> {
  const end = Date.now() + START_LIMIT_MS;
  for (;;) {
    const failure = (await portAnswers(address)) ? await check().then(() => undefined, String) : 'no answer';
    if (failure === undefined) return;
    const exit = lease.exits.find((line) => line.startsWith(`${order.name}: `));
    if (exit || Date.now() > end) {
      throw new TemperError('SERVICE_UNAVAILABLE', {
        path: order.log,
        message: exit ? `the server ended while it started (${exit})` : 'the server does not become healthy',
        found: failure,
        hint: `the end of its log:\n${await tail(order.log, 2_000)}`,
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

/** The last bytes of a text file, from the start of a line. */
export async function tail(file: string, bytes: number): Promise<string> {
  try {
    const { size } = await stat(file);
    const handle = await open(file);
    try {
      const buffer = Buffer.alloc(Math.min(bytes, size));
      await handle.read(buffer, 0, buffer.length, size - buffer.length);
      const text = buffer.toString('utf8');
      return (size > bytes ? text.slice(text.indexOf('\n') + 1) : text).trim();
    } finally {
      await handle.close();
    }
  } catch {
    return '(no log)';
  }
}
