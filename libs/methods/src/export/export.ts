import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError, type HeadKind, type Precision } from '@temper/contracts';
import {
  adaptable,
  copyTokenizer,
  headFacts,
  keptValues,
  writeJson,
  writeModel,
  writeSafetensors,
  type Adaptable,
  type BaseModel,
  type TensorSource,
  type TrainedWeights,
} from '@temper/models';
import type { AdapterFormat } from '../method.js';
import { configInFile, nameInFile, withBodyNames } from '../adapter/body-names.js';
import { readAdapter } from '../adapter/read-adapter.js';
import { adapterName, moduleOfWeight, onceWrapped } from '../peft-names.js';
import type { MethodSpec } from '../schema/index.js';
import { storeSpecOf } from '../store-spec-of.js';
import { adapterFormatOf } from '../table.js';

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
  /** Of the training; where it started from an adapter, as that settled it. */
  readonly method: MethodSpec;
  /** In which the frozen weights were kept; default fp32. */
  readonly precision?: Precision | undefined;
  /** Folder of the adapter that the training started from, where there was one. */
  readonly initFrom?: string | undefined;
  /** By their names in the checkpoint, or in the adapter's file. */
  readonly weights: TrainedWeights;
  /** What PEFT shows, and loads by itself, as the base model. */
  readonly baseName?: string | undefined;
}

/** Whether a model of this method is published whole, or as an adapter. */
export const publishedFormat = (method: MethodSpec): 'full' | 'adapter' =>
  adapterFormatOf(method) ? 'adapter' : 'full';

/** Whether PeftModel.from_pretrained loads what the method publishes. */
export function isPeftAdapter(method: MethodSpec): boolean {
  const format = adapterFormatOf(method);
  return format !== undefined && !format.isUnknownToPeft;
}

/** Writes what the method publishes: a folder that transformers loads, or an adapter in PEFT's layout. */
export async function exportTrained(folder: string, options: ExportOptions): Promise<void> {
  const format = adapterFormatOf(options.method);
  if (format) await writeAdapter(folder, format, options);
  else await writeModel(folder, { ...options, weightOf: ({ name }) => dataOf(options.weights, name) });
}

/**
 * Writes a folder that transformers loads, with the adapter in the weights.
 * @throws TemperError SPEC_INVALID where the method's adapters cannot go into weights
 */
export async function exportMerged(folder: string, options: ExportOptions): Promise<void> {
  const { method, precision } = options;
  const format = adapterFormatOf(method);
  if (!format) return exportTrained(folder, options);
  if (typeof format.merge === 'string') throw cannotMerge(method, format.merge);
  const changed = changedBy(options);
  const weights = withUntrained(format, options, changed);
  const merges = format.merge(method, changed, weights);
  refuseSharedTable(changed, merges);
  const kept = keptValues(changed.modules, storeSpecOf({ method, precision }));
  const weightOf = ({ name }: { readonly name: string }) => {
    const [keep, merge] = [kept.get(name), merges.get(name)];
    const both = keep && merge ? (base: Float32Array) => merge(keep(base)) : (merge ?? keep);
    return dataOf(weights, adapterName(name)) ?? both;
  };
  await writeModel(folder, { ...options, weightOf });
}

/** In words: why an adapter of the method cannot be merged; undefined where it can. */
export function mergeRefusal(method: MethodSpec): string | undefined {
  const merge = adapterFormatOf(method)?.merge;
  return typeof merge === 'string' ? merge : undefined;
}

const cannotMerge = (method: MethodSpec, why: string) =>
  new TemperError('SPEC_INVALID', {
    path: 'format',
    message: `an adapter of method ${method.type} cannot be merged into the base model: ${why}`,
    found: 'merged',
    allowed: 'peft',
  });

/** One table for embeddings and head: what goes into it changes both, and the adapter changes one. */
function refuseSharedTable({ modules }: Adaptable, merges: ReadonlyMap<string, unknown>): void {
  const shared = modules.find(
    (module) => module.type === 'linear' && module.tied !== undefined && merges.has(`${module.tied}.weight`),
  );
  if (!shared) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'format',
    message: `the adapter changes the table of the embeddings, which the base model has in common with ${shared.name}: merged, it would change both`,
    found: 'merged',
    allowed: 'peft',
  });
}

const changedBy = ({ model, task, labels, labelNames }: ExportOptions): Adaptable =>
  adaptable(model, { task, labels: labels ?? (labelNames.length || 2) });

const dataOf = (weights: TrainedWeights, name: string) => weights.get(name)?.data as Float32Array | undefined;

/** What was trained, and what of the adapter was not: a checkpoint has the first alone, an adapter's file has both. */
function withUntrained(
  format: AdapterFormat<MethodSpec>,
  { method, weights, initFrom }: ExportOptions,
  model: Adaptable,
): TrainedWeights {
  if (!format.untrained) return weights;
  const adapter = initFrom === undefined ? undefined : withBodyNames(readAdapter(initFrom, format), model);
  return new Map([...format.untrained(method, model, adapter), ...weights]);
}

async function writeAdapter(
  folder: string,
  format: AdapterFormat<MethodSpec>,
  options: ExportOptions,
): Promise<void> {
  const { model, task, method, baseName } = options;
  const changed = changedBy(options);
  const weights = withUntrained(format, options, changed);
  const tensors = format.tensors?.(method, weights) ?? weights;
  const inFile = nameInFile(changed);
  const nameOf = format.wrappedOnce ? (name: string) => onceWrapped(inFile(name)) : inFile;
  const sources = [...tensors].map(
    ([name, { shape, data }]) => [nameOf(name), { dtype: 'F32', shape, data: data as Float32Array }] as const,
  );
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), new Map<string, TensorSource>(sources));
  const config: Record<string, unknown> = {
    ...format.config(method, changed, tensors),
    base_model_name_or_path: baseName ?? model.config._name_or_path ?? null,
    inference_mode: true,
    peft_type: format.peftType,
    task_type: headFacts[task].peft.taskType,
    ...(Object.hasOwn(format.fields, 'modules_to_save')
      ? { modules_to_save: modulesToSave(task, changed, tensors) }
      : {}),
  };
  const sorted = Object.entries(configInFile(config, changed)).sort(([a], [b]) => (a < b ? -1 : 1));
  await writeJson(join(folder, 'adapter_config.json'), Object.fromEntries(sorted));
  await copyTokenizer(model, folder, task);
}

/** PEFT's own list for the task, and what else was trained whole. */
function modulesToSave(task: HeadKind, { modules }: Adaptable, weights: TrainedWeights): string[] | null {
  const whole = [...moduleOfWeight(modules)].flatMap(([weight, module]) =>
    weights.has(adapterName(weight)) ? [module] : [],
  );
  const standard = headFacts[task].peft.modulesToSave;
  // PEFT takes each module whose name ends so, and all that is in it.
  const covered = (module: string) =>
    module.split('.').some((part) => standard.some((name) => part.endsWith(name)));
  const all = [...new Set([...standard, ...whole.filter((module) => !covered(module))])];
  return all.length ? all : null;
}
