import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError, type HeadKind } from '@temper/contracts';
import { modulesOf } from '../architectures/family.js';
import { configText } from './config-text.js';
import { classFor, recognize } from '../architectures/registry.js';
import { parametersOf, type Parameter } from '../build/module.js';
import { elementCount, shownShape } from '../formats/dtypes.js';
import { readTensor, writeSafetensors, type TensorSource } from '../formats/safetensors.js';
import { singleFile } from '../formats/weight-files.js';
import { headFacts } from '../head-kinds.js';
import { sameShape, type BaseModel } from '../model.js';

/** Trained weights by name, as a checkpoint keeps them. */
export type TrainedWeights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: unknown }
>;

/** What a weight of the model is in the export: other values, what becomes of the base's, or (undefined) the base's. */
export type ExportedWeight = Float32Array | ((base: Float32Array) => Float32Array) | undefined;

export interface WriteOptions {
  /** The base model that was trained. */
  readonly model: BaseModel;
  readonly task: HeadKind;
  /** Rows of its head, where it has a row a class; default: as many as there are names, else 2. */
  readonly labels?: number | undefined;
  /** transformers' problem_type, of sequence classification. */
  readonly problemType?: string | undefined;
  /** Class names by number; empty for language models. */
  readonly labelNames: readonly string[];
  weightOf(parameter: Parameter): ExportedWeight;
}

/** Writes a folder that transformers loads: config.json, model.safetensors (float32), tokenizer files. */
export async function writeModel(folder: string, options: WriteOptions): Promise<void> {
  const { model, task, labelNames, weightOf } = options;
  const recognized = recognize(model.config, model.folder);
  const architecture = classFor(recognized, task, model.folder);
  const head = { task, labels: options.labels ?? (labelNames.length || 2) };
  const sources = new Map<string, TensorSource>();
  for (const parameter of parametersOf(modulesOf(recognized.family, recognized.settings, head))) {
    const { name, shape } = parameter;
    const base = model.weights.get(name);
    const exported = weightOf(parameter);
    if (exported instanceof Float32Array) {
      sources.set(name, { dtype: 'F32', shape, data: ofShape(name, exported, shape) });
    } else if (base && sameShape(base.shape, shape)) {
      const data = async () => {
        const values = (await readTensor(base)).data as Float32Array;
        return exported ? exported(values) : values;
      };
      sources.set(name, { dtype: 'F32', shape, data });
    } else throw missing(name, shape);
  }
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, singleFile), sources);
  const { torch_dtype: _, ...config } = model.config;
  const written = { ...config, architectures: [architecture], dtype: 'float32', ...labelSettings(options) };
  const fields = recognized.family.fields[config.model_type];
  await writeFile(join(folder, 'config.json'), configText(written, fields));
  await copyTokenizer(model, folder, task);
}

/** What transformers keeps about classes in config.json. */
export function labelSettings({
  task,
  labels,
  labelNames,
  problemType = headFacts[task].problemType,
}: Pick<WriteOptions, 'task' | 'labels' | 'labelNames' | 'problemType'>): Record<string, unknown> {
  const names = labelNames.length ? labelNames : Array.from({ length: labels ?? 0 }, (_, i) => `LABEL_${i}`);
  if (!headFacts[task].perClass || !names.length) return {};
  return {
    num_labels: names.length,
    id2label: Object.fromEntries(names.map((name, i) => [i, name])),
    label2id: Object.fromEntries(names.map((name, i) => [name, i])),
    ...(headFacts[task].problemType ? { problem_type: problemType } : {}),
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

function ofShape(name: string, data: Float32Array, shape: readonly number[]): Float32Array {
  if (data.length === elementCount(shape)) return data;
  throw new TemperError('MODEL_CORRUPT', {
    path: name,
    message: 'the trained weight has another shape than the model',
    found: `${data.length} elements`,
    allowed: shownShape(shape),
  });
}

const missing = (name: string, shape: readonly number[]) =>
  new TemperError('MODEL_CORRUPT', {
    path: name,
    message: 'is neither among the trained weights nor in the base model',
    allowed: shownShape(shape),
  });
