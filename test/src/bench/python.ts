import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceFolder } from '../parity/source-folder.js';

const run = promisify(execFile);

/**
 * The interpreter of a virtual environment with exactly what requirements.txt lists, made on first use (about 2 GB:
 * PyTorch's Linux wheel needs CUDA's libraries even on the CPU). `TEMPER_BENCH_PYTHON` names another interpreter.
 */
export async function pythonEnvironment(cacheFolder: string, say: (text: string) => void): Promise<string> {
  const given = process.env['TEMPER_BENCH_PYTHON'];
  if (given) return given;
  const requirements = join(sourceFolder, 'bench', 'requirements.txt');
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder, `bench-python-${version}`);
  const python = (at: string) => join(at, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return python(folder);
  say(`making a Python environment with PyTorch, transformers and PEFT in ${folder} (once) …`);
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
