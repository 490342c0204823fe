import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TemperClient } from '@temper/client';
import type { Provider } from '@temper/contracts';
import { createS3Store } from '@temper/s3';
import { startServices, type Services } from '@temper/services';
import { shownRun } from '@temper/training/trainer-process';
import { checkpointKey, Pointer, type ObjectStore } from '@temper/storage';

/** Real servers, real worker processes and a client, in a folder that goes with them. */
export class Stack implements AsyncDisposable {
  readonly #workers: WorkerHandle[] = [];

  private constructor(
    readonly folder: string,
    readonly services: Services,
    readonly store: ObjectStore,
    readonly client: TemperClient,
    readonly env: NodeJS.ProcessEnv,
  ) {}

  /** `env`: of its client and workers. */
  static async start(env: NodeJS.ProcessEnv = {}): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-e2e-'));
    const services = await startServices({ folder: join(folder, '.temper') });
    const environment = { ...process.env, ...services.env, ...env };
    const store = createS3Store(environment);
    return new Stack(folder, services, store, await TemperClient.connect({ environment, store }), env);
  }

  async worker(pool: Provider = 'cpu', env: NodeJS.ProcessEnv = {}): Promise<WorkerHandle> {
    const worker = await WorkerHandle.start(pool, this.folder, {
      ...this.services.env,
      ...this.env,
      ...env,
    });
    this.#workers.push(worker);
    return worker;
  }

  /** Step of the run's newest checkpoint; 0 where there is none yet. */
  async checkpointStep(runId: string): Promise<number> {
    const pointer = await new Pointer<{ step: number }>(this.store, checkpointKey(runId)).read();
    return pointer?.value.step ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    await this.client[Symbol.asyncDispose]();
    await this.services.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A worker as a process of its own. */
export class WorkerHandle {
  private constructor(
    readonly child: ChildProcess,
    readonly exited: Promise<unknown>,
    readonly log: string,
  ) {}

  static async start(pool: Provider, folder: string, env: NodeJS.ProcessEnv): Promise<WorkerHandle> {
    const name = pool === 'cpu' ? 'cpu' : 'gpu';
    const main = fileURLToPath(new URL(`../../../workers/${name}/dist/main.js`, import.meta.url));
    const child = spawn(process.execPath, [main], {
      cwd: folder,
      env: { ...process.env, ...env, TEMPER_POOL: pool, TEMPER_EXIT_ON_STDIN_END: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const log = join(folder, `worker-${child.pid}.log`);
    child.stderr.pipe(createWriteStream(log));
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.value !== 'worker ready')
      throw new Error(`the worker did not start: ${await readFile(log, 'utf8')}`);
    return new WorkerHandle(child, exited, log);
  }

  /** Process ids of its tokenizers: each is a child of its own. */
  async tokenizers(): Promise<number[]> {
    const children = await readFile(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8');
    const ids = children.split(' ').filter(Boolean);
    const titles = await Promise.all(
      ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
    );
    return ids.filter((_, i) => titles[i]!.startsWith('temper tokenizer')).map(Number);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }

  async killHard(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

/** Process ids of the trainers that work on a run, found as an operator finds them: by their command line. */
export async function trainersOf(runId: string): Promise<number[]> {
  const shown = shownRun(runId);
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''));
  const found = (await Promise.all(lines)).map((line) => line.includes('trainer') && line.includes(shown));
  return ids.filter((_, i) => found[i]).map(Number);
}

/** Asks again and again until the answer is there. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  limit = 60_000,
): Promise<T> {
  for (const deadline = Date.now() + limit; Date.now() < deadline; await sleep(25)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`${what}: not within ${limit / 1000} s`);
}
