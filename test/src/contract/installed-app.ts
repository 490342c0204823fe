import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const root = join(import.meta.dirname, '../../..');

/** An empty folder with every package installed from its tarball, under another scope: nothing of the checkout is near. */
export class InstalledApp implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly scope: string,
  ) {}

  static async create(scope: string): Promise<InstalledApp> {
    const folder = await mkdtemp(join(tmpdir(), 'temper-app-'));
    const app = new InstalledApp(join(folder, 'app'), scope);
    await mkdir(app.folder);
    const tarballs = join(folder, 'tarballs');
    await run(
      process.execPath,
      [join(root, 'infra/workspace/pack.mjs'), '--out', tarballs, '--scope', scope],
      root,
    );
    await app.write('package.json', JSON.stringify({ name: 'app', version: '1.0.0', private: true }));
    await app.install(readdirSync(tarballs).map((file) => join(tarballs, file)));
    return app;
  }

  async install(packages: readonly string[]): Promise<void> {
    const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
    await this.run('npm', ['install', ...quiet, ...packages]);
  }

  /** @returns a program of that Node, from the package of this platform. */
  async node(version: string): Promise<string> {
    const name = `node-${process.platform}-${process.arch}`;
    await this.install([`${name}@${version}`]);
    return join(this.folder, 'node_modules', name, 'bin/node');
  }

  /** What can be imported, by every package's own word. */
  importPaths(): string[] {
    return readdirSync(join(this.folder, 'node_modules', this.scope)).flatMap((name) => {
      const file = join(this.folder, 'node_modules', this.scope, name, 'package.json');
      const { exports } = JSON.parse(readFileSync(file, 'utf8')) as { exports: Record<string, unknown> };
      return Object.keys(exports).map((path) => `${this.scope}/${name}${path.slice(1)}`);
    });
  }

  /** Temper's packages are called otherwise here. */
  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.folder, file), text.replaceAll('@temper/', `${this.scope}/`));
  }

  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    return run(command, args, this.folder, env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(join(this.folder, '..'), { recursive: true, force: true });
  }
}

/** @returns what the program printed; where it fails, that is the error. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
) {
  const options = { cwd, env: { ...outside, ...env }, maxBuffer: 2 ** 26 };
  try {
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.slice(0, 4).join(' ')}: ${stdout ?? ''}${stderr ?? String(error)}`, {
      cause: error,
    });
  }
}

/** The environment without what npm and the tests put there, and without servers: as in a new terminal. */
const outside = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|VITEST|TEMPORAL_|S3_|TEMPER_HOME$|INIT_CWD$)/i.test(name),
  ),
);
