import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Provider } from '@temper/contracts';
import { withSettings } from '@temper/optimizers/schema';
import type { PipelineSpec } from '@temper/spec';
import { initFromOf } from '@temper/methods/schema';
import { digestOfFile } from '@temper/storage';

/**
 * The part of the spec that decides what training makes of its inputs. An adapter to start from counts by its content:
 * its folder may hold another one tomorrow.
 */
export async function fingerprint(
  { task, problemType, model, method, training, resources }: PipelineSpec,
  provider: Provider,
) {
  const folder = initFromOf(method);
  const start = folder === undefined ? {} : await filesOf(folder);
  const { precision, dropout } = model;
  return {
    task,
    ...(problemType === undefined ? {} : { problemType }),
    precision,
    dropout,
    method,
    training: withSettings(training),
    threads: resources.threads,
    provider,
    start,
  };
}

async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const digests = await Promise.all(names.map((name) => digestOfFile(join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, digests[i]!.digest]));
}
