import { join } from 'node:path';
import { initFromOf } from '@temper/methods/schema';
import type { PipelineSpec } from '@temper/spec';
import type { ArtifactStore } from '@temper/storage';
import type { TrainJob } from '@temper/training';

/** Puts the adapter's folder that a method starts from into the store, as ingest does, where it starts from one. */
export async function startingAdapter(
  artifacts: ArtifactStore,
  method: PipelineSpec['method'],
): Promise<Pick<TrainJob, 'adapter'>> {
  const folder = initFromOf(method);
  if (folder === undefined) return {};
  const names = ['adapter_config.json', 'adapter_model.safetensors'];
  const files = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
  return { adapter: await artifacts.putArtifact('adapter', files, { format: 'peft' }) };
}
