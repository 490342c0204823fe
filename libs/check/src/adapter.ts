import { sourceInWords } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { initFromOf } from '@temper/methods/schema';
import type { AdapterHead } from '@temper/models';
import { locateAdapter } from '@temper/sources';
import { publishedAdapter } from '@temper/storage';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseOf } from './model.js';
import type { Sight } from './sight.js';

export interface CheckedAdapter {
  readonly lines: readonly string[];
  /** The classification head that it brings. */
  readonly adapterHead?: AdapterHead;
}

/** The adapter of `method.initFrom` fits the spec and the base model: what training would find, before it is queued. */
export async function checkAdapter(sight: Sight, spec: PipelineSpec): Promise<CheckedAdapter> {
  const source = initFromOf(spec.method);
  if (source === undefined) return { lines: [] };
  const scratch = await mkdtemp(join(tmpdir(), 'temper-adapter-'));
  try {
    const found = await adapterAt(sight, source, spec, scratch);
    if (!found) return { lines: [] };
    const adapterHead = await lookAt(sight, found.folder, spec);
    const lines = [...(found.notes ?? []), `adapter to start from: ${sourceInWords(source)}`];
    return { lines, ...(adapterHead ? { adapterHead } : {}) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function lookAt(sight: Sight, folder: string, spec: PipelineSpec): Promise<AdapterHead | undefined> {
  const { checkModel, headOfAdapter } = await import('@temper/models');
  const { checkAdapter: check } = await import('@temper/methods');
  // What is wrong with the base model is told by its own check.
  const model = await baseOf(sight, spec)
    .then((path) => (path === undefined ? undefined : checkModel(path, taskSchemaOf(spec).head)))
    .catch(() => undefined);
  check(folder, spec.method, model);
  return headOfAdapter(folder);
}

/** Its folder, whole, since its weights are read; undefined where it cannot be seen from here. */
async function adapterAt(sight: Sight, source: string, spec: PipelineSpec, scratch: string) {
  if (!source.startsWith('model:')) return sight.files(source, spec, locateAdapter);
  const own = await sight.own();
  return own && { folder: await publishedAdapter(own, source, scratch), notes: [] };
}
