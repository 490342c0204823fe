import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TemperError } from '@temper/contracts';
import { goneWithin, type ProcessIdentity } from './process-identity.js';
import { GRACE_MS, onJsonLine, type Reply, type Request, type SupervisionOrder } from './supervision.js';

/**
 * This process's claim on running servers. It ends by `release`, or by the kernel when the process dies; the servers
 * end with the last claim. It does not keep the process alive.
 */
export class Lease {
  readonly #waiting: ((reply: Reply | 'closed') => void)[] = [];
  #supervisor: ProcessIdentity | undefined;
  /** The supervisor is gone. */
  closed = false;
  /** Resolves when it is. */
  readonly ended: Promise<void>;
  /** Of servers that ended unexpectedly: `temporal: exit status 1`. */
  readonly exits: string[] = [];

  constructor(
    input: Readable,
    private readonly output: Writable,
  ) {
    this.ended = this.#next((reply) => reply === 'closed').then(() => undefined);
    onJsonLine(input, (value) => this.#heard(value as Reply));
    input.on('close', () => this.#heard('closed'));
    for (const stream of [input, output]) {
      stream.on('error', () => this.#heard('closed'));
      (stream as Partial<Socket>).unref?.();
    }
  }

  /** Known once it has `started`. */
  get supervisor(): ProcessIdentity {
    return this.#supervisor!;
  }

  send(op: Request['op']): void {
    if (this.output.writable) this.output.write(`${JSON.stringify({ op } satisfies Request)}\n`);
  }

  /** Gives the claim up. Returns whether the servers have ended; else somebody else goes on using them. */
  async release(): Promise<boolean> {
    const answer = this.#next(
      (reply) => reply === 'closed' || reply.event === 'kept' || reply.event === 'stopping',
    );
    this.send('release');
    const reply = await within(answer, GRACE_MS, 'closed' as const);
    this.output.end();
    if (reply !== 'closed' && reply.event === 'kept') return false;
    return goneWithin([this.supervisor], GRACE_MS + 2_000);
  }

  /** Ends the servers whoever uses them. */
  async stop(): Promise<boolean> {
    this.send('stop');
    return goneWithin([this.supervisor], GRACE_MS + 2_000);
  }

  /** Resolves when the supervisor has started the servers and counts this process as a user; false if it ended instead. */
  async started(): Promise<boolean> {
    return (await this.#next((reply) => reply === 'closed' || reply.event === 'started')) !== 'closed';
  }

  /** Resolves when a server has ended unexpectedly: `temporal: exit status 1`. */
  async exit(server: string): Promise<string> {
    const isIts = (line: string) => line.startsWith(`${server}: `);
    await (this.exits.some(isIts) || this.#next(() => this.exits.some(isIts)));
    return this.exits.find(isIts)!;
  }

  #next(fits: (reply: Reply | 'closed') => boolean): Promise<Reply | 'closed'> {
    return new Promise((resolve) => this.#waiting.push((reply) => fits(reply) && resolve(reply)));
  }

  #heard(reply: Reply | 'closed'): void {
    if (reply !== 'closed' && reply.event === 'exited') this.exits.push(`${reply.server}: ${reply.how}`);
    if (reply !== 'closed' && reply.event === 'started') this.#supervisor = reply.supervisor;
    if (reply === 'closed') this.closed = true;
    for (const listener of this.#waiting) listener(reply);
  }
}

/** Starts a supervisor, in a session of its own: the terminal's Ctrl-C reaches Temper only, which stops in order. */
export async function superviseNew(order: SupervisionOrder): Promise<Lease> {
  const program = supervisorProgram();
  const log = openSync(join(order.folder, 'logs', 'supervisor.log'), 'a', 0o600);
  const child = spawn(process.execPath, [program, order.folder], {
    cwd: '/',
    detached: true,
    // What the servers need is in their orders: it needs nothing else of what this process knows.
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', log],
  });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) {
    throw new TemperError('SERVICE_UNAVAILABLE', 'the supervisor of the servers did not start');
  }
  const lease = new Lease(child.stdout!, child.stdin!);
  const started = lease.started();
  child.stdin!.write(`${JSON.stringify(order)}\n`);
  if (await within(started, 10_000, false)) return lease;
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: join(order.folder, 'logs', 'supervisor.log'),
    message: 'the supervisor of the servers ended at its start',
  });
}

/** A claim on servers that somebody else started; undefined where their supervisor does not listen. */
export async function joinSupervisor(socket: string): Promise<Lease | undefined> {
  const connection = connect(socket);
  const connected = await new Promise<boolean>((resolve) => {
    connection.once('connect', () => resolve(true));
    connection.once('error', () => resolve(false));
  });
  if (!connected) return undefined;
  const lease = new Lease(connection, connection);
  // One that is stopping already takes nobody in.
  return (await within(lease.started(), 5_000, false)) ? lease : undefined;
}

/** The built file of this package, from its sources too: Node cannot run TypeScript. */
function supervisorProgram(): string {
  const program = fileURLToPath(new URL('../dist/supervisor.js', import.meta.url));
  if (existsSync(program)) return program;
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: program,
    message: 'Temper is not built',
    hint: 'npm run build',
  });
}

function within<T>(promise: Promise<T>, ms: number, late: T): Promise<T> {
  let timer: NodeJS.Timeout;
  const limit = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(late), ms)));
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
