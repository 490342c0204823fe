import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onThisMachine, type Condition, type Service } from './compose-file.js';
import { entrypointOf } from './programs.js';

/** Seconds for the conditions that other services wait for. */
const PATIENCE = 120;
/** What the workers' `stop_grace_period` is, in milliseconds. */
const GRACE = 150_000;

interface Options {
  readonly programs: string;
  readonly folder: string;
}

/** The processes of a compose file, started in the order of its conditions. */
export class Processes implements AsyncDisposable {
  readonly #running = new Map<string, ChildProcess>();

  constructor(
    private readonly services: readonly Service[],
    private readonly options: Options,
  ) {}

  async start(): Promise<void> {
    const waiting = new Set(this.services);
    while (waiting.size) {
      const ready = [...waiting].find(({ dependsOn }) =>
        [...dependsOn.keys()].every((name) => this.#running.has(name)),
      );
      if (!ready) throw new Error(`${[...waiting].map(({ name }) => name).join(', ')} wait for each other`);
      waiting.delete(ready);
      for (const [name, condition] of ready.dependsOn) await this.#reached(name, condition);
      await this.#spawn(ready);
    }
    await Promise.all(
      this.services
        .filter(({ healthcheck }) => healthcheck)
        .map(({ name }) => this.#reached(name, 'service_healthy')),
    );
  }

  async #spawn(service: Service): Promise<void> {
    const [program, ...args] = [
      ...(service.entrypoint.length
        ? service.entrypoint
        : entrypointOf(service.image, this.options.programs)),
      ...service.command,
    ].map((text) => onThisMachine(text, service));
    for (const path of service.mounts.values()) {
      if (path.startsWith(this.options.folder)) await mkdir(path, { recursive: true });
    }
    const child = spawn(program!, args, { cwd: this.options.folder, env: this.#environment(service) });
    const log = createWriteStream(this.#log(service.name));
    for (const stream of [child.stdout, child.stderr]) stream.pipe(log);
    this.#running.set(service.name, child);
    console.log(`  ${service.name}`);
  }

  #environment(service: Service): NodeJS.ProcessEnv {
    const said = Object.entries(service.environment).map(([name, value]) => [
      name,
      onThisMachine(value, service),
    ]);
    return {
      PATH: `${this.options.programs}:${process.env['PATH']}`,
      HOME: this.options.folder,
      // What entry points of images find out by themselves, or what their volumes are.
      BIND_ON_IP: '127.0.0.1',
      PGHOST: '127.0.0.1',
      POSTGRES_DATA: service.mounts.get('/var/lib/postgresql/data'),
      TEMPER_HOME: service.mounts.get('/var/lib/temper'),
      TEMPER_CACHE: service.mounts.get('/var/lib/temper'),
      ...(Object.fromEntries(said) as Record<string, string>),
    };
  }

  async #reached(name: string, condition: Condition): Promise<void> {
    const child = this.#running.get(name)!;
    if (condition === 'service_started') return;
    if (condition === 'service_completed_successfully') {
      if (child.exitCode === null) await once(child, 'exit');
      if (child.exitCode !== 0)
        throw new Error(`${name} ended with ${child.exitCode}:\n${await this.#said(name)}`);
      return;
    }
    const service = this.services.find((other) => other.name === name)!;
    const [program, ...args] = service.healthcheck!;
    for (let second = 0; second < PATIENCE; second++, await sleep(1_000)) {
      const check = spawn(program!, args, { env: this.#environment(service), stdio: 'ignore' });
      const [code] = (await once(check, 'exit')) as [number];
      if (code === 0) return;
      if (child.exitCode !== null) break;
    }
    throw new Error(`${name} is not healthy:\n${await this.#said(name)}`);
  }

  readonly #log = (name: string) => join(this.options.folder, `${name}.log`);
  readonly #said = async (name: string) => (await readFile(this.#log(name), 'utf8')).slice(-2_000);

  /** In the reverse order, as `docker compose down`; what does not end in time is killed, which is a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const [name, child] of [...this.#running].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      const ended = await Promise.race([once(child, 'exit'), sleep(GRACE, undefined, { ref: false })]);
      if (!ended) child.kill('SIGKILL');
      if (name.startsWith('worker') && (!ended || child.exitCode !== 0))
        console.error(`✖ ${name} ended with ${child.exitCode}:\n${await this.#said(name)}`);
    }
  }
}
