import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { command } from './commands.js';

/** node-fetch 2.6.7, which it names, is withdrawn by some registries. */
const manifest = {
  private: true,
  dependencies: { verdaccio: '6.8.0' },
  overrides: { 'node-fetch': '2.7.0' },
};

/** A registry of this machine alone: our packages from here, all others from where npm is told to look. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** What npm and Nx need to use it. */
  readonly env: NodeJS.ProcessEnv;
}

export async function startRegistry(folder: string): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const upstream = (await command('npm', ['config', 'get', 'registry'], { cwd: folder })).stdout.trim();
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'config.yaml'), configuration(join(folder, 'storage'), upstream));
  // npm publishes with a token only; any will do.
  await writeFile(join(folder, '.npmrc'), `//127.0.0.1:${port}/:_authToken=any\n`);
  const program = join(folder, 'node_modules/verdaccio/bin/verdaccio');
  const args = [program, '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
  const server = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('close', resolve));
  await answering(`${url}/-/ping`);
  return {
    url,
    env: {
      ...process.env,
      npm_config_registry: url,
      npm_config_userconfig: join(folder, '.npmrc'),
      npm_config_ignore_scripts: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    },
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
    },
  };
}

const configuration = (storage: string, upstream: string) => `
storage: ${JSON.stringify(storage)}
uplinks:
  upstream: { url: ${JSON.stringify(upstream)}, timeout: 120s, max_fails: 20 }
packages:
  '@temper/*': { access: $all, publish: $all }
  '**': { access: $all, proxy: upstream }
max_body_size: 200mb
log: { type: stdout, format: json, level: warn }
`;

async function answering(url: string): Promise<void> {
  for (const end = Date.now() + 60_000; ;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
