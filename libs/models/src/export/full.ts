import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError, type HeadKind } from '@temper/contracts';
import { modulesOf } from '../architectures/family.js';
import { classFor, recognize } from '../architectures/registry.js';
import { parametersOf } from '../build/module.js';
import { elementCount, shownShape } from '../formats/dtypes.js';
import { readTensor, writeSafetensors, type TensorSource } from '../formats/safetensors.js';
import { singleFile } from '../formats/weight-files.js';
import { headFacts } from '../head-kinds.js';
import { sameShape, type BaseModel } from '../model.js';
import { mergedWeight, type LowRank } from './merge.js';

/** Trained weights by name, as a checkpoint keeps them. */
export type TrainedWeights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: unknown }
>;

export interface ExportOptions {
  /** The base model that was trained. */
  readonly model: BaseModel;
  readonly task: HeadKind;
  /** Rows of its head, where it has a row a class; default: as many as there are names, else 2. */
  readonly labels?: number | undefined;
  /** transformers' problem_type, of sequence classification. */
  readonly problemType?: string | undefined;
  /** Class names by number; empty for language models. */
  readonly labelNames: readonly string[];
  /** The trained weights: the model's own names, or (with `lora`) PEFT's. */
  readonly weights: TrainedWeights;
}

/**
 * Writes a folder that transformers loads: config.json, model.safetensors (float32), tokenizer files. With `lora` the
 * adapter is merged into the weights: W + (α/r)·BA.
 */
export async function exportFull(
  folder: string,
  options: ExportOptions & { readonly lora?: LowRank | undefined },
): Promise<void> {
  const { model, task, labelNames, weights, lora } = options;
  const recognized = recognize(model.config, model.folder);
  const architecture = classFor(recognized, task, model.folder);
  const head = { task, labels: options.labels ?? (labelNames.length || 2) };
  const sources = new Map<string, TensorSource>();
  for (const { name, shape } of parametersOf(modulesOf(recognized.family, recognized.settings, head))) {
    const base = model.weights.get(name);
    const trained = trainedData(weights, lora ? `base_model.model.${name}` : name, shape);
    const baseData = async () => (await readTensor(base!)).data as Float32Array;
    if (trained) sources.set(name, { dtype: 'F32', shape, data: trained });
    else if (base && sameShape(base.shape, shape)) {
      const data = lora ? async () => mergedWeight(name, await baseData(), weights, lora) : baseData;
      sources.set(name, { dtype: 'F32', shape, data });
    } else throw missing(name, shape);
  }
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, singleFile), sources);
  const { torch_dtype: _, ...config } = model.config;
  await writeJson(join(folder, 'config.json'), {
    ...config,
    architectures: [architecture],
    dtype: 'float32',
    ...labelSettings(options),
  });
  await copyTokenizer(model, folder, task);
}

/** What transformers keeps about classes in config.json. */
export function labelSettings({
  task,
  labelNames,
  problemType = 'single_label_classification',
}: Pick<ExportOptions, 'task' | 'labelNames' | 'problemType'>): Record<string, unknown> {
  if (!headFacts[task].perClass || !labelNames.length) return {};
  return {
    num_labels: labelNames.length,
    id2label: Object.fromEntries(labelNames.map((name, i) => [i, name])),
    label2id: Object.fromEntries(labelNames.map((name, i) => [name, i])),
    problem_type: problemType,
  };
}

/** The tokenizer's files, and what says how generation ends: the base's, or as transformers makes it of config.json. */
export async function copyTokenizer(model: BaseModel, folder: string, task: HeadKind): Promise<void> {
  for (const name of model.tokenizerFiles) await copyFile(join(model.folder, name), join(folder, name));
  const ids = ['bos_token_id', 'eos_token_id', 'pad_token_id'].filter((name) => model.config[name] != null);
  if (!headFacts[task].generates || model.tokenizerFiles.includes(generationConfig) || !ids.length) return;
  await writeJson(join(folder, generationConfig), {
    _from_model_config: true,
    ...Object.fromEntries(ids.map((name) => [name, model.config[name]])),
  });
}

const generationConfig = 'generation_config.json';

export const writeJson = (file: string, content: object): Promise<void> =>
  writeFile(file, `${JSON.stringify(content, null, 2)}\n`);

function trainedData(
  weights: TrainedWeights,
  name: string,
  shape: readonly number[],
): Float32Array | undefined {
  const found = weights.get(name);
  if (!found) return undefined;
  const data = found.data as Float32Array;
  if (data.length === elementCount(shape)) return data;
  throw new TemperError('MODEL_CORRUPT', {
    path: name,
    message: 'the trained weight has another shape than the model',
    found: shownShape(found.shape),
    allowed: shownShape(shape),
  });
}

const missing = (name: string, shape: readonly number[]) =>
  new TemperError('MODEL_CORRUPT', {
    path: name,
    message: 'is neither among the trained weights nor in the base model',
    allowed: shownShape(shape),
  });
