import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { command, type Finished } from './commands.js';

/** An Nx workspace of somebody who knows Temper from a registry alone. */
export class Workspace {
  constructor(
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async create(folder: string, given: NodeJS.ProcessEnv): Promise<Workspace> {
    const own = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0' };
    const workspace = new Workspace(folder, { ...withoutNx(given), ...own });
    await workspace.write('package.json', JSON.stringify({ name: 'theirs', private: true }));
    await workspace.write('nx.json', JSON.stringify({ analytics: false, neverConnectToCloud: true }));
    await workspace.write('.gitignore', 'node_modules\n.nx\ndist\n');
    await workspace.run('npm', 'install', '--save-dev', '--save-exact', 'nx@23.2.1');
    await workspace.run('git', 'init', '--quiet', '--initial-branch=main');
    return workspace;
  }

  run(program: string, ...args: string[]): Promise<Finished> {
    return command(program, args, { cwd: this.folder, env: this.env });
  }

  nx(...args: string[]): Promise<Finished> {
    return this.run(process.execPath, join(this.folder, 'node_modules/nx/dist/bin/nx.js'), ...args);
  }

  async failing(...args: string[]): Promise<Finished> {
    const nx = join(this.folder, 'node_modules/nx/dist/bin/nx.js');
    const options = { cwd: this.folder, env: this.env, mayFail: true };
    return command(process.execPath, [nx, ...args], options);
  }

  /** Runs a task that does not end by itself, and stops it once it has said so. */
  async until(said: RegExp, ...args: string[]): Promise<Finished> {
    const nx = join(this.folder, 'node_modules/nx/dist/bin/nx.js');
    const options = { cwd: this.folder, env: this.env, mayFail: true, stopAt: said };
    return command(process.execPath, [nx, ...args], options);
  }

  async commit(): Promise<void> {
    await this.run('git', 'add', '--all');
    const who = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@localhost'];
    await this.run('git', ...who, 'commit', '--quiet', '--message', 'change');
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, file)), { recursive: true });
    await writeFile(join(this.folder, file), text);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.folder, file), 'utf8');
  }

  remove(file: string): Promise<void> {
    return rm(join(this.folder, file), { recursive: true });
  }
}

/** What npm and Nx tell the processes that they start would have the inner ones take this repository for theirs. */
const withoutNx = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(NX_|npm_(package|lifecycle)_|INIT_CWD$|VITEST)/.test(name)),
  );
