import { dirname, resolve } from 'node:path';
import { resolvePaths } from '@temper/client/pipeline';
import { applySetting, loadSpec, readSpecFile } from '../spec/read.js';

/** Reads a sweep and, where it names one, the file of its pipeline; applies `--set`. Not validated yet. */
export async function loadSweep(
  file: string,
  settings: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const sweep = (await readSpecFile(file)) as Record<string, unknown>;
  const folder = dirname(resolve(file));
  const { pipeline } = sweep;
  if (typeof pipeline === 'string') sweep.pipeline = await loadSpec(resolve(folder, pipeline));
  for (const setting of settings) applySetting(sweep, setting);
  if (isObject(sweep.pipeline)) sweep.pipeline = resolvePaths(sweep.pipeline, folder);
  return sweep;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
