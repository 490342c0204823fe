import type { ArtifactRef } from '@temper/contracts';
import {
  makingOfHeaders,
  openModel,
  prepareModel,
  writeHeaderFile,
  type BaseModel,
  type Making,
} from '@temper/models';
import type { ArtifactStore } from '@temper/storage';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files of an artifact that say what its weights are. */
const says = /(^|\/)(config|adapter_config|model\.safetensors\.index)\.json$/;
const weights = /\.(safetensors|gguf)$/i;

/** The files of an artifact that graphs follow from, in `folder`: weights as their headers alone, read by range. */
export async function materializeHeaders(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'base-model' | 'adapter'>,
  folder: string,
): Promise<void> {
  const { files } = await artifacts.manifest(ref);
  await artifacts.materialize(
    ref,
    folder,
    files.map(({ path }) => path).filter((path) => says.test(path)),
  );
  for (const file of files.filter(({ path }) => weights.test(path))) {
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeHeaderFile(target, file.bytes, (count) => artifacts.readBeginning(file, count));
  }
}

/** The base model as training would open it, by its headers alone: every tensor is where it would be, and holds nothing. */
export async function headerModel(
  artifacts: ArtifactStore,
  base: ArtifactRef<'base-model'>,
  folder: string,
): Promise<{ readonly model: BaseModel; readonly making: Making }> {
  const files = join(folder, 'base');
  const making = makingOfHeaders(join(folder, 'made'));
  const { meta } = await artifacts.manifest(base);
  await materializeHeaders(artifacts, base, files);
  const prepared = await prepareModel(meta.format === 'gguf' ? join(files, 'model.gguf') : files, making);
  return { model: await openModel(prepared, making.same), making };
}
