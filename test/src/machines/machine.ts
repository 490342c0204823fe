import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Ended } from '../cli/temper.js';

const code = fileURLToPath(new URL('../../../', import.meta.url));

/** As root, in a namespace: the code is mounted read-only in the user's folder, then it is that user's process. */
const enter = `mount --make-rprivate / &&
mount --bind "$TEST_CODE" "$HOME/code" && mount -o remount,bind,ro "$HOME/code" && cd "$HOME" && unset TEST_CODE &&
exec setpriv --reuid="$TEST_USER" --regid="$TEST_USER" --clear-groups --no-new-privs --inh-caps=-all -- "$@"`;

/** A user of its own, in a network namespace of its own, with a folder that no other user can look into. */
export class Machine {
  private constructor(
    readonly folder: string,
    readonly user: number,
    readonly namespace: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async make(
    parent: string,
    { name, user, namespace }: { readonly name: string; readonly user: number; readonly namespace: string },
    env: NodeJS.ProcessEnv,
  ): Promise<Machine> {
    const machine = new Machine(join(parent, name), user, namespace, env);
    await mkdir(join(machine.folder, 'code'), { recursive: true });
    await machine.own(machine.folder);
    await chmod(machine.folder, 0o700);
    return machine;
  }

  path = (...names: string[]) => join(this.folder, ...names);

  /** What the test has put there belongs to the user. */
  async own(path: string): Promise<void> {
    await chown(path, this.user, this.user);
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      await this.own(join(path, entry.name));
    }
  }

  /** Starts a program of the code, by its path there. */
  start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(
      'ip',
      [
        ...['netns', 'exec', this.namespace, 'unshare', '--mount', 'sh', '-c', enter, 'sh'],
        ...[process.execPath, join(this.folder, 'code', program), ...args],
      ],
      {
        env: {
          PATH: `${this.path('bin')}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
          HOME: this.folder,
          NO_COLOR: '1',
          TEST_CODE: code,
          TEST_USER: String(this.user),
          ...this.env,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
    }
    const begun = Date.now();
    const ended = once(child, 'close').then(([code]): Ended => ({
      code: code as number | null,
      ...output,
      milliseconds: Date.now() - begun,
    }));
    return { child, output, ended };
  }

  temper = (...args: string[]): Promise<Ended> => this.start('libs/cli/bin/temper.js', args).ended;

  /** The answer of a command. */
  async json<T>(...args: string[]): Promise<T> {
    const { code: ended, stdout, stderr } = await this.temper(...args, '--json');
    if (ended !== 0) throw new Error(`temper ${args.join(' ')} ended with ${ended}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Until a line of its output matches. */
  async ready({ child, output, ended }: ReturnType<Machine['start']>, words: RegExp): Promise<ChildProcess> {
    for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(100)) {
      if (words.test(output.stdout)) return child;
      if (child.exitCode !== null) break;
    }
    child.kill('SIGKILL');
    await ended;
    throw new Error(`no ${words} of ${this.namespace}: ${output.stdout}${output.stderr}`);
  }

  worker = async (pool: string, env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> =>
    this.ready(this.start('libs/cli/bin/temper.js', ['worker', '--pool', pool], env), /is ready/);

  /** Ends at once whatever the user runs, as a power cut would. */
  async powerCut(): Promise<void> {
    for (let processes = await this.#processes(); processes.length; processes = await this.#processes()) {
      for (const pid of processes) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has just ended.
        }
      }
      await sleep(50);
    }
  }

  async #processes(): Promise<number[]> {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const statuses = ids.map((id) => readFile(`/proc/${id}/status`, 'utf8').catch(() => ''));
    const mine = new RegExp(`^Uid:\\t${this.user}\\t`, 'm');
    const found = (await Promise.all(statuses)).map((text) => mine.test(text) && !/^State:\tZ/m.test(text));
    return ids.filter((_, i) => found[i]).map(Number);
  }
}
