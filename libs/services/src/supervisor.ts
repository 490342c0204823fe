// A small process between Temper and the servers, so that they end with the last process that uses them, also when
// that one is killed: every user holds a pipe or a socket to it, and the kernel closes those of a dead process.
//   node supervisor.js     the order is the first line of stdin
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { identify, type ProcessIdentity } from './process-identity.js';
import { processesPath, statePath, writeProcesses } from './state.js';
import {
  GRACE_MS,
  onJsonLine,
  type Reply,
  type Request,
  type ServerOrder,
  type SupervisionOrder,
} from './supervision.js';

/** A server that ends more often than this in RESTART_WINDOW_MS is not worth restarting. */
const MAX_RESTARTS = 5;
const RESTART_WINDOW_MS = 60_000;

class Supervisor {
  readonly #children = new Map<string, { child: ChildProcess; identity: ProcessIdentity }>();
  readonly #users = new Set<Writable>();
  readonly #restarts: number[] = [];
  readonly #self = identify(process.pid)!;
  readonly #litter: readonly string[];
  #detached = false;
  #ready = false;
  #stopping = false;

  constructor(private readonly order: SupervisionOrder) {
    this.#litter = [order.socket, ...order.servers.flatMap((server) => server.litter)];
  }

  run(): void {
    for (const server of this.order.servers) this.#start(server);
    // Left behind by a supervisor that was killed; nobody listens on it, as this folder's lock is held.
    rmSync(this.order.socket, { force: true });
    createServer((socket) => {
      if (this.#stopping) return socket.destroy();
      this.addUser(socket, socket);
      say(socket, { event: 'started', supervisor: this.#self });
      onJsonLine(socket, (request) => this.obey(request as Request, socket));
    }).listen(this.order.socket);
    this.#tell({ event: 'started', supervisor: this.#self });
  }

  addUser(input: Readable, output: Writable): void {
    this.#users.add(output);
    const left = () => this.#leave(output);
    output.on('error', left);
    input.on('error', left).on('end', left).on('close', left);
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#tell({ event: 'stopping' });
    rmSync(statePath(this.order.folder), { force: true });
    const running = [...this.#children.values()].map(({ child }) => child);
    const ended = Promise.all(running.map((child) => new Promise((resolve) => child.once('close', resolve))));
    for (const child of running) child.kill('SIGTERM');
    const kill = setTimeout(() => running.forEach((child) => child.kill('SIGKILL')), GRACE_MS);
    await ended;
    clearTimeout(kill);
    rmSync(processesPath(this.order.folder), { force: true });
    for (const file of this.#litter) rmSync(file, { force: true });
    if (this.order.temporary) rmSync(this.order.folder, { recursive: true, force: true });
    process.exit(0);
  }

  killAll(): void {
    for (const { child } of this.#children.values()) child.kill('SIGKILL');
  }

  obey(request: Request, output: Writable): void {
    if (request.op === 'ready') this.#ready = true;
    else if (request.op === 'detach') this.#detached = true;
    else if (request.op === 'release') this.#leave(output);
    else if (request.op === 'stop') void this.stop();
  }

  #leave(output: Writable): void {
    if (!this.#users.has(output)) return;
    this.#users.delete(output);
    if (!this.#detached && this.#users.size === 0) {
      say(output, { event: 'stopping' });
      void this.stop();
    } else say(output, { event: 'kept', users: this.#users.size });
  }

  #start(server: ServerOrder): void {
    const log = openSync(server.log, 'a', 0o600);
    // The servers' working folder is ours: they look for configuration files where they are started.
    const child = spawn(server.command, server.args, {
      cwd: this.order.folder,
      env: { ...server.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.once('error', (error) => this.#ended(server, error.message));
    child.once('exit', (code, signal) =>
      this.#ended(server, signal ? `signal ${signal}` : `exit status ${code}`),
    );
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity) this.#children.set(server.name, { child, identity });
    this.#writeProcesses();
  }

  #ended(server: ServerOrder, how: string): void {
    this.#children.delete(server.name);
    if (this.#stopping) return;
    this.#tell({ event: 'exited', server: server.name, how });
    const now = Date.now();
    this.#restarts.push(now);
    const recent = this.#restarts.filter((at) => now - at < RESTART_WINDOW_MS);
    console.error(`${new Date(now).toISOString()} ${server.name} ended: ${how}`);
    // Both servers keep their data through a kill, and their clients retry: a restart is all it takes.
    if (this.#ready && recent.length <= MAX_RESTARTS) this.#start(server);
    else void this.stop();
  }

  #writeProcesses(): void {
    const servers = Object.fromEntries([...this.#children].map(([name, { identity }]) => [name, identity]));
    writeProcesses(this.order.folder, { supervisor: this.#self, servers, litter: this.#litter });
  }

  #tell(reply: Reply): void {
    for (const user of this.#users) say(user, reply);
  }
}

function say(output: Writable, reply: Reply): void {
  if (output.writable) output.write(`${JSON.stringify(reply)}\n`);
}

// What the servers make, their sockets in /tmp too, is this user's alone.
process.umask(0o077);

let supervisor: Supervisor | undefined;
process.stdin.once('end', () => supervisor ?? process.exit(0));
onJsonLine(process.stdin, (value) => {
  if (supervisor) return supervisor.obey(value as Request, process.stdout);
  const made = new Supervisor(value as SupervisionOrder);
  supervisor = made;
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => void made.stop());
  process.on('exit', () => made.killAll());
  made.addUser(process.stdin, process.stdout);
  made.run();
});
