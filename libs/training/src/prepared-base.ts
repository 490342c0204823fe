import { join } from 'node:path';
import type { ArtifactRef } from '@temper/contracts';
import { prepareModel } from '@temper/models';
import type { ArtifactStore } from '@temper/storage';

/**
 * A stored base model as a folder in Hugging Face's layout with float32 weights, whatever it was stored as (GGUF, half
 * precision): `files`, into which it is fetched, or one of `cacheFolder`, where converted models are kept.
 */
export async function preparedBase(
  artifacts: ArtifactStore,
  base: ArtifactRef<'base-model'>,
  files: string,
  cacheFolder: string,
): Promise<string> {
  const { meta } = await artifacts.manifest(base);
  await artifacts.materialize(base, files);
  return prepareModel(meta.format === 'gguf' ? join(files, 'model.gguf') : files, cacheFolder);
}
