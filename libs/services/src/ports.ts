import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TemperError } from '@temper/contracts';

/**
 * Below the ports that Linux (32768 to 60999) and macOS (49152 to 65535) give to every connection and to whoever asks for
 * any port: one of those may be gone again before the server listens on it.
 */
const LOWEST = 10_000;
const BEYOND = 32_768;
const TRIES = 100;

/** What this process has chosen before: the two servers' ports are chosen side by side. */
const chosen = new Set<number>();

/** `count` different loopback ports that were free a moment ago. Another program may still be faster: callers try again. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    const port = randomInt(LOWEST, BEYOND);
    if (chosen.has(port)) continue;
    const refusal = await refused(port);
    if (refusal && tries >= TRIES) throw refusal;
    if (refusal) continue;
    chosen.add(port);
    ports.push(port);
  }
  return ports;
}

/** Two ports at a fixed distance. */
export async function freePortPair(distance: number): Promise<[number, number]> {
  for (let tries = 0; ; tries++) {
    const [port] = await freePorts(1);
    const other = port! + distance;
    if (other >= BEYOND || chosen.has(other)) continue;
    const refusal = await refused(other);
    if (refusal && tries >= TRIES) throw refusal;
    if (refusal) continue;
    chosen.add(other);
    return [port!, other];
  }
}

/** Refuses (SPEC_INVALID) a port that somebody asked for and that no server can listen on. */
export async function requirePort(path: string, port: number): Promise<void> {
  const refusal = await refused(port);
  if (!refusal) return;
  const { code } = refusal as NodeJS.ErrnoException;
  const message =
    code === 'EADDRINUSE' ? 'another program listens on this port' : `cannot be listened on (${code})`;
  const hint = 'name another one, or none: a free one is taken then';
  throw new TemperError('SPEC_INVALID', { path, message, found: `127.0.0.1:${port}`, hint });
}

/** Why no server can listen on this loopback port; undefined where one can. */
function refused(port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => server.close(resolve));
  });
}
