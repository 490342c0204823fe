import type { Readable } from 'node:stream';
import type { ProcessIdentity } from './process-identity.js';

/** What the supervisor is told in its first line. */
export interface SupervisionOrder {
  readonly folder: string;
  readonly socket: string;
  readonly servers: readonly ServerOrder[];
  /** Remove the folder in the end, for tests. */
  readonly temporary: boolean;
}

export interface ServerOrder {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** File that its output is appended to. */
  readonly log: string;
  /** Files that it leaves outside the folder. */
  readonly litter: readonly string[];
}

/**
 * To the supervisor. `ready`: the servers are healthy, restart one that ends from now on; `detach`: go on when nobody
 * uses the servers any more; `release`: I do not use them any more; `stop`: end them whoever uses them.
 */
export type Request = { readonly op: 'ready' | 'detach' | 'release' | 'stop' };

/** From the supervisor. `started`: you are counted as a user; `kept`: somebody else still uses the servers. */
export type Reply =
  | { readonly event: 'started'; readonly supervisor: ProcessIdentity }
  | { readonly event: 'exited'; readonly server: string; readonly how: string }
  | { readonly event: 'kept'; readonly users: number }
  | { readonly event: 'stopping' };

/** Calls back for every line of JSON. */
export function onJsonLine(stream: Readable, heard: (value: unknown) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line) heard(JSON.parse(line));
  });
}

/** How long the servers have to end by themselves; a stop takes less than five seconds in all. Killed, they lose nothing either. */
export const GRACE_MS = 3_500;
