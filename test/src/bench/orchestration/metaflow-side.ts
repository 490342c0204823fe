import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceFolder } from '../../parity/source-folder.js';
import { median } from '../measurement.js';

const run = promisify(execFile);

/** Five steps that do nothing, from the command to its end; state in a folder of its own. */
async function pipeline(python: string, folder: string): Promise<number> {
  const started = performance.now();
  const env = {
    ...process.env,
    USERNAME: 'bench',
    METAFLOW_HOME: folder,
    METAFLOW_DEFAULT_METADATA: 'local',
    METAFLOW_DEFAULT_DATASTORE: 'local',
    METAFLOW_DATASTORE_SYSROOT_LOCAL: folder,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const flow = join(sourceFolder, 'bench', 'orchestration', 'flow.py');
  await run(python, [flow, '--no-pylint', '--quiet', 'run'], { cwd: folder, env, maxBuffer: 1e7 });
  return performance.now() - started;
}

export async function metaflowAlone(python: string, folder: string, count: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await pipeline(python, folder));
  return median(times);
}

/** Pipelines a second, one a core at any time. */
export async function metaflowLoaded(python: string, folder: string, pipelines: number, atOnce: number) {
  let left = pipelines;
  const began = performance.now();
  const lane = async () => {
    while (left-- > 0) await pipeline(python, folder);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return pipelines / ((performance.now() - began) / 1000);
}
