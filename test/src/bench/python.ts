import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceFolder } from '../parity/source-folder.js';

const run = promisify(execFile);

/** Metaflow alone, for bench:orchestration. `TEMPER_BENCH_METAFLOW_PYTHON` names another interpreter. */
export const metaflowEnvironment = (cacheFolder: string, say: (text: string) => void): Promise<string> =>
  virtualEnvironment(
    { folder: join('bench', 'orchestration'), name: 'metaflow', variable: 'TEMPER_BENCH_METAFLOW_PYTHON' },
    cacheFolder,
    say,
  );

/**
 * The interpreter of a virtual environment with exactly what requirements.txt lists, made on first use (about 2 GB:
 * PyTorch's Linux wheel needs CUDA's libraries even on the CPU). `TEMPER_BENCH_PYTHON` names another interpreter.
 */
export const pythonEnvironment = (cacheFolder: string, say: (text: string) => void): Promise<string> =>
  virtualEnvironment(pytorch, cacheFolder, say);

/** The same where it is there already; else undefined. */
export function knownPython(cacheFolder: string): string | undefined {
  const { given, folder } = placeOf(pytorch, cacheFolder);
  return given ?? (existsSync(join(folder, 'complete')) ? python(folder) : undefined);
}

interface Environment {
  readonly folder: string;
  readonly name: string;
  readonly variable: string;
}

const pytorch: Environment = { folder: 'bench', name: 'python', variable: 'TEMPER_BENCH_PYTHON' };
const python = (folder: string) => join(folder, 'bin', 'python');

function placeOf({ folder: source, name, variable }: Environment, cacheFolder: string) {
  const requirements = join(sourceFolder, source, 'requirements.txt');
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder, `bench-${name}-${version}`);
  return { given: process.env[variable] || undefined, requirements, folder };
}

async function virtualEnvironment(
  environment: Environment,
  cacheFolder: string,
  say: (text: string) => void,
): Promise<string> {
  const { given, requirements, folder } = placeOf(environment, cacheFolder);
  if (given) return given;
  if (existsSync(join(folder, 'complete'))) return python(folder);
  say(`making the Python environment of ${requirements} in ${folder} (once) …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(cacheFolder, { recursive: true });
  // Made in place: a virtual environment cannot be moved.
  await run('python3', ['-m', 'venv', folder]);
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ];
  await run(python(folder), install, { maxBuffer: 64 << 20 });
  await mkdir(join(folder, 'complete.part'));
  await rename(join(folder, 'complete.part'), join(folder, 'complete'));
  return python(folder);
}
