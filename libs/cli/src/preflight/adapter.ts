import type { PipelineSpec } from '@temper/spec';
import { taskSchemaOf } from '@temper/tasks/schema';
import { initFromOf } from '@temper/methods/schema';
import type { AdapterHead } from '@temper/models';
import { baseOf } from './model.js';

export interface CheckedAdapter {
  readonly lines: readonly string[];
  /** The classification head that it brings. */
  readonly adapterHead?: AdapterHead;
}

/** The adapter of `method.initFrom` fits the spec and the base model: what training would find, before it is queued. */
export async function checkAdapter(spec: PipelineSpec): Promise<CheckedAdapter> {
  const { method } = spec;
  const folder = initFromOf(method);
  if (folder === undefined) return { lines: [] };
  const { checkModel, headOfAdapter } = await import('@temper/models');
  const { checkAdapter: check } = await import('@temper/methods');
  // What is wrong with the base model is told by its own check.
  const model = await baseOf(spec)
    .then((path) => (path === undefined ? undefined : checkModel(path, taskSchemaOf(spec).head)))
    .catch(() => undefined);
  check(folder, method, model);
  const adapterHead = await headOfAdapter(folder);
  return { lines: [`adapter to start from: ${folder}`], ...(adapterHead ? { adapterHead } : {}) };
}
