import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverBinary } from '@temper/services';
import { goModule, goProgram } from '../../../infra/checks/go.mjs';

const UI = 'github.com/temporalio/ui-server/v2';
const UI_VERSION = 'v2.55.0';

/**
 * Links to the programs of the file's images in a folder, under the names that they have there: built from their Go modules,
 * fetched as packages, or of Debian (postgresql, prometheus).
 */
export async function linkPrograms(folder: string): Promise<void> {
  const [temporal, seaweedfs] = await Promise.all([serverBinary('temporal'), serverBinary('seaweedfs')]);
  const programs = {
    'temporal-server': goProgram('go.temporal.io/server/cmd/server@v1.32.1'),
    'temporal-sql-tool': goProgram('go.temporal.io/server/cmd/tools/sql@v1.32.1'),
    'ui-server': goProgram(`${UI}/cmd/server@${UI_VERSION}`),
    // Its settings are a file of its module, filled in from the environment.
    'ui-server-files': goModule(`${UI}@${UI_VERSION}`),
    temporal: temporal.path,
    weed: seaweedfs.path,
  };
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name));
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
