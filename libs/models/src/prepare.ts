import { copyFile, link, lstat, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { TemperError } from '@temper/contracts';
import { convertGguf, describeGguf } from './formats/gguf/convert.js';
import { toFloat32 } from './formats/floats.js';
import { readTensor, type TensorSource, type WriteSafetensors } from './formats/safetensors.js';
import { singleFile } from './formats/weight-files.js';
import { recognize } from './architectures/registry.js';
import { configText } from './export/config-text.js';
import { locateModel } from './locate.js';
import { makingIn, type Making } from './making.js';
import { openModel, type BaseModel } from './model.js';

/**
 * Makes a folder that can be trained from: config.json, float32 safetensors, tokenizer files. A folder that is one already is
 * answered as it is; GGUF and half-precision files are converted into `to`, a cache's folder, once, under the digest of their content.
 */
export async function prepareModel(path: string, to: string | Making): Promise<string> {
  const { folder: once, write, same } = makingIn(to);
  const place = await locateModel(path);
  if (place.format === 'gguf') {
    const description = await describeGguf(place.file);
    return once('gguf', [place.file], (folder) => convertGguf(description, folder, write));
  }
  const model = await openModel(place.folder, same);
  const files = weightFiles(model);
  const weights = [...model.weights.values()];
  if (!weights.every((w) => w.dtype === 'F32' && w.offset % 4 === 0)) {
    return once('widened', [...files, join(model.folder, 'config.json')], (folder) =>
      widen(model, folder, write),
    );
  }
  const linked = await Promise.all(files.map(async (file) => (await lstat(file)).isSymbolicLink()));
  if (!linked.includes(true)) return model.folder;
  // ONNX Runtime refuses external data behind a symbolic link, which is how Hugging Face's cache keeps its files.
  return once('linked', [...files, join(model.folder, 'config.json')], (folder) =>
    linkAll(model.folder, folder),
  );
}

/** The distinct files that hold the weights. */
export const weightFiles = (model: BaseModel): string[] => [
  ...new Set([...model.weights.values()].map((weight) => weight.file)),
  ...(model.frozen ? [model.frozen.file] : []),
];

/**
 * Hard links (or, across file systems, copies) of the weight files in `folder`: a graph's external data must lie in the
 * graph's own folder.
 */
export async function linkWeights(model: BaseModel, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(weightFiles(model).map((file) => linkOrCopy(file, join(folder, basename(file)))));
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  const source = await realpath(from);
  if (source === resolve(to)) return;
  await rm(to, { force: true });
  await link(source, to).catch(() => copyFile(source, to));
}

async function linkAll(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    const source = await realpath(join(from, name));
    if ((await lstat(source)).isFile()) await linkOrCopy(source, join(to, name));
  }
}

/** One float32 model.safetensors under the names that were found; everything that is not weights goes along. */
async function widen(model: BaseModel, folder: string, write: WriteSafetensors): Promise<void> {
  const sources = new Map<string, TensorSource>();
  for (const weight of model.weights.values()) {
    sources.set(weight.stored, {
      dtype: 'F32',
      shape: weight.shape,
      data: async () => {
        const data = toFloat32(weight.dtype, (await readTensor(weight)).data);
        if (data) return data;
        throw new TemperError('MODEL_UNSUPPORTED', {
          path: `${basename(weight.file)}: ${weight.stored}`,
          message: 'a weight type that cannot be widened to float32',
          found: weight.dtype,
          allowed: 'F32, F16, BF16, F64',
        });
      },
    });
  }
  await write(join(folder, singleFile), sources);
  for (const name of model.tokenizerFiles) await copyFile(join(model.folder, name), join(folder, name));
  const { torch_dtype: _, ...config } = model.config;
  const { fields } = recognize(model.config, model.folder).family;
  await writeFile(
    join(folder, 'config.json'),
    configText({ ...config, dtype: 'float32' }, fields[config.model_type]),
  );
}
