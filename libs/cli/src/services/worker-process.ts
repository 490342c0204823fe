import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { TemperError, type Provider } from '@temper/contracts';
import { logFolder } from './home.js';

/** A worker is a process of its own, so that it can be killed, restarted and given a device. */
export class WorkerProcess implements AsyncDisposable {
  private constructor(
    readonly child: ChildProcess,
    readonly log: string,
    readonly exited: Promise<number | null>,
  ) {}

  /** Resolves when the worker polls its queue. */
  static async start(pool: Provider, environment: Readonly<Record<string, string>>): Promise<WorkerProcess> {
    const main = workerMain(pool);
    if (!existsSync(main)) {
      const problem = { path: main, message: 'the worker is not built', hint: 'npm run build' };
      throw new TemperError('SERVICE_UNAVAILABLE', problem);
    }
    const device = environment['TEMPER_DEVICE'];
    const log = join(logFolder(), `worker-${pool}${device === undefined ? '' : `-${device}`}.log`);
    await mkdir(dirname(log), { recursive: true });
    // Its own process group: Ctrl-C reaches the command line alone, which then stops the worker in good order.
    // Its stdin ends when this process goes, however it goes, and the worker goes then too.
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, ...environment, TEMPER_POOL: pool, TEMPER_EXIT_ON_STDIN_END: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const last: string[] = [];
    const exited = once(child, 'exit').then(([code]) => code as number | null);
    child.stderr!.pipe(appending(log));
    child.stdout!.pipe(appending(log));
    child.stderr!.on('data', (data: Buffer) => keepLast(last, data));
    const ready = lineMatching(child, /worker ready/);
    const came = await Promise.race([ready.then(() => true), exited.then(() => false), timeout()]);
    if (came !== true) {
      child.kill('SIGKILL');
      throw new TemperError('SERVICE_UNAVAILABLE', {
        path: relative(process.cwd(), log),
        message:
          came === false
            ? `the ${pool} worker ended at its start`
            : `the ${pool} worker did not come up in time`,
        found: last.join('').trim().split('\n').slice(-3).join(' | ') || undefined,
      });
    }
    return new WorkerProcess(child, log, exited);
  }

  /** Asks it to finish (it checkpoints), then insists. */
  async stop(patience = 20_000): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const insist = setTimeout(() => this.child.kill('SIGKILL'), patience);
    await this.exited;
    clearTimeout(insist);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** What cannot be written, such as on a full disk, is left out: the worker goes on, and so does its log when there is space. */
const appending = (log: string) =>
  new Writable({
    write: (piece: Buffer, _, done) =>
      void appendFile(log, piece).then(
        () => done(),
        () => done(),
      ),
  });

const START_TIMEOUT = 60_000;
const timeout = () => new Promise<'late'>((done) => setTimeout(() => done('late'), START_TIMEOUT).unref());

function keepLast(last: string[], data: Buffer): void {
  last.push(data.toString());
  if (last.length > 20) last.shift();
}

async function lineMatching(child: ChildProcess, pattern: RegExp): Promise<void> {
  await Promise.race(
    [child.stdout!, child.stderr!].map(async (stream) => {
      for await (const line of createInterface({ input: stream })) if (pattern.test(line)) return;
      await new Promise(() => {}); // the stream has ended: the exit tells
    }),
  );
}

/** The worker's program, as its installed package names it: a worker is run, never imported. */
export function workerMain(pool: Provider): string {
  const [name, program] =
    pool === 'cpu'
      ? ['@temper/worker-cpu', 'temper-worker-cpu']
      : ['@temper/worker-gpu', 'temper-worker-gpu'];
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${name}/package.json`);
  const { bin } = require(manifest) as { bin: Record<string, string> };
  return join(dirname(manifest), bin[program!]!);
}
