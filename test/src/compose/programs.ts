import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverBinary } from '@temper/services';

const modules = {
  'temporal-server': ['go.temporal.io/server/cmd/server@v1.32.1', 'server'],
  'temporal-sql-tool': ['go.temporal.io/server/cmd/tools/sql@v1.32.1', 'sql'],
  'ui-server': ['github.com/temporalio/ui-server/v2/cmd/server@v2.55.0', 'server'],
} as const;

/**
 * A folder with the programs of the file's images, under the names that they have there: built from their Go modules, fetched
 * as packages, or of Debian (postgresql, prometheus).
 */
export async function programsOfImages(): Promise<string> {
  const cache = join(process.env['TEMPER_CACHE'] ?? join(homedir(), '.cache', 'temper'), 'compose-programs');
  await mkdir(cache, { recursive: true });
  for (const [name, [module, built]] of Object.entries(modules)) {
    if (existsSync(join(cache, name))) continue;
    const folder = join(cache, `${name}-build`);
    execFileSync('go', ['install', module], {
      cwd: cache,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    symlinkSync(join(folder, built), join(cache, name));
  }
  const settings = join(cache, 'ui-server-files');
  if (!existsSync(settings)) symlinkSync(filesOf(modules['ui-server'][0], cache), settings);
  for (const [name, server] of [
    ['temporal', 'temporal'],
    ['weed', 'seaweedfs'],
  ] as const) {
    const { path } = await serverBinary(server);
    if (!existsSync(join(cache, name))) symlinkSync(path, join(cache, name));
  }
  return cache;
}

/** The UI's settings are a file of its module, filled in from the environment. */
function filesOf(program: string, cwd: string): string {
  const [module, version] = program.split('@') as [string, string];
  const args = ['mod', 'download', '-json', `${module.replace(/\/cmd\/.*/, '')}@${version}`];
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  return (JSON.parse(execFileSync('go', args, { cwd, env, encoding: 'utf8' })) as { Dir: string }).Dir;
}

/** What an image runs before what the file says. */
export function entrypointOf(image: string, programs: string): readonly string[] {
  const worker = fileURLToPath(new URL('../../../workers/cpu/dist/main.js', import.meta.url));
  const known: Readonly<Record<string, readonly string[]>> = {
    'temporalio/server': ['temporal-server', 'start'],
    'temporalio/ui': ['ui-server', '--root', join(programs, 'ui-server-files'), '--env', 'docker', 'start'],
    'chrislusf/seaweedfs': ['weed'],
    'prom/prometheus': ['prometheus'],
    'temper-cpu': [process.execPath, worker],
    'temporalio/admin-tools': [],
    postgres: [fileURLToPath(new URL('../../src/compose/postgres.sh', import.meta.url)), postgresFolder()],
  };
  const found = known[image];
  if (!found) throw new Error(`the image ${image} is not known here`);
  return found;
}

/** Debian's: /usr/lib/postgresql/15/bin. */
function postgresFolder(): string {
  const root = '/usr/lib/postgresql';
  const version = existsSync(root) ? readdirSync(root).at(-1) : undefined;
  if (!version) throw new Error('no PostgreSQL: apt-get install postgresql');
  return join(root, version, 'bin');
}
