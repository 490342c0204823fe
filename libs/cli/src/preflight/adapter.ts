import { shownSource } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { initFromOf } from '@temper/methods/schema';
import type { AdapterHead } from '@temper/models';
import { locateAdapter } from '@temper/sources';
import { ArtifactStore, publishedAdapter, Registry } from '@temper/storage';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeFolder } from '../services/home.js';
import { baseOf } from './model.js';
import { fetched, reachableStore } from './sources.js';

export interface CheckedAdapter {
  readonly lines: readonly string[];
  /** The classification head that it brings. */
  readonly adapterHead?: AdapterHead;
}

/** The adapter of `method.initFrom` fits the spec and the base model: what training would find, before it is queued. */
export async function checkAdapter(spec: PipelineSpec): Promise<CheckedAdapter> {
  const source = initFromOf(spec.method);
  if (source === undefined) return { lines: [] };
  const scratch = await mkdtemp(join(tmpdir(), 'temper-adapter-'));
  try {
    const found = await adapterAt(source, spec, scratch);
    if (!found) return { lines: [] };
    const adapterHead = await lookAt(found.folder, spec);
    const lines = [...(found.notes ?? []), `adapter to start from: ${shownSource(source)}`];
    return { lines, ...(adapterHead ? { adapterHead } : {}) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function lookAt(folder: string, spec: PipelineSpec): Promise<AdapterHead | undefined> {
  const { checkModel, headOfAdapter } = await import('@temper/models');
  const { checkAdapter: check } = await import('@temper/methods');
  // What is wrong with the base model is told by its own check.
  const model = await baseOf(spec)
    .then((path) => (path === undefined ? undefined : checkModel(path, taskSchemaOf(spec).head)))
    .catch(() => undefined);
  check(folder, spec.method, model);
  return headOfAdapter(folder);
}

/** Its folder, whole, since its weights are read; undefined where it lies in a store that does not run yet. */
async function adapterAt(source: string, spec: PipelineSpec, scratch: string) {
  if (!source.startsWith('model:')) return fetched(source, spec, { locate: locateAdapter });
  const store = await reachableStore();
  if (!store) return undefined;
  const artifacts = new ArtifactStore(store, { cacheFolder: join(homeFolder(), 'cache') });
  const registry = new Registry(store);
  return { folder: await publishedAdapter({ registry, artifacts }, source, scratch), notes: [] };
}
