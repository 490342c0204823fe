import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import type { HfConfig } from '../../architectures/family.js';
import { ggufArchitectures } from '../../architectures/registry.js';
import { shown } from '../messages.js';
import { writeSafetensors, type TensorSource, type WriteSafetensors } from '../safetensors.js';
import { singleFile } from '../weight-files.js';
import type { GgufArchitecture } from './architecture.js';
import { readGguf, readGgufTensor, type GgufFile, type GgufTensor } from './reader.js';
import { rebuildTokenizer, type RebuiltTokenizer } from './tokenizer.js';

export interface GgufDescription {
  readonly gguf: GgufFile;
  readonly architecture: GgufArchitecture;
  readonly config: HfConfig;
  /** By Hugging Face's names. */
  readonly weights: ReadonlyMap<string, GgufTensor>;
}

/** What the file holds, in Hugging Face's terms; reads no weights but a table of rotary divisors. */
export async function describeGguf(file: string): Promise<GgufDescription> {
  const gguf = await readGguf(file);
  const name = gguf.metadata.string('general.architecture') ?? 'nothing';
  const architecture = Object.hasOwn(ggufArchitectures, name) ? ggufArchitectures[name] : undefined;
  if (!architecture) {
    throw new TemperError('MODEL_UNSUPPORTED', {
      path: file,
      message: 'a GGUF model of a family that is not supported',
      found: shown(name),
      allowed: Object.keys(ggufArchitectures).join(', '),
    });
  }
  refuseParts(gguf);
  const weights = new Map<string, GgufTensor>();
  for (const tensor of gguf.tensors.values()) {
    const weight = architecture.weightName(tensor.name);
    if (!weight) continue;
    const shape = architecture.shapeOf?.(tensor.name, tensor.shape) ?? tensor.shape;
    weights.set(weight, { ...tensor, shape });
  }
  return { gguf, architecture, config: (await architecture.config(gguf)) as HfConfig, weights };
}

/** A GGUF file can hold a part of a model: a vocabulary, one of several files, an adapter. */
function refuseParts({ file, metadata, tensors }: GgufFile): void {
  const kind = metadata.string('general.type') ?? 'model';
  const parts = metadata.number('split.count') ?? 1;
  const problem =
    kind !== 'model'
      ? { message: 'holds no model', found: `general.type ${shown(kind)}` }
      : parts > 1
        ? {
            message: 'is one of several files of a model',
            found: `${parts} files`,
            hint: 'join them: llama-gguf-split --merge FIRST.gguf WHOLE.gguf',
          }
        : tensors.size === 0
          ? { message: 'holds a vocabulary alone, no weights', found: 'no tensors' }
          : undefined;
  if (problem) throw new TemperError('MODEL_UNSUPPORTED', { path: file, ...problem });
}

/** Writes config.json, model.safetensors (float32), tokenizer.json and tokenizer_config.json into `folder`. */
export async function convertGguf(
  { gguf, architecture, config, weights }: GgufDescription,
  folder: string,
  write: WriteSafetensors = writeSafetensors,
): Promise<void> {
  const sources = new Map<string, TensorSource>();
  for (const [name, tensor] of weights) {
    sources.set(name, {
      dtype: 'F32',
      shape: tensor.shape,
      data: async () => architecture.restore(tensor.name, await readGgufTensor(gguf.file, tensor), config),
    });
  }
  await write(join(folder, singleFile), sources);
  const ids = await writeTokenizer(gguf, folder);
  await writeJson(folder, 'config.json', { ...config, ...ids });
}

/** Writes tokenizer.json and tokenizer_config.json into `folder`. Returns the ids for config.json. */
export async function writeTokenizer(gguf: GgufFile, folder: string): Promise<RebuiltTokenizer['ids']> {
  const { tokenizer, tokenizerConfig, ids } = rebuildTokenizer(gguf);
  await writeJson(folder, 'tokenizer.json', tokenizer);
  await writeJson(folder, 'tokenizer_config.json', tokenizerConfig);
  return ids;
}

const writeJson = (folder: string, name: string, content: object) =>
  writeFile(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
