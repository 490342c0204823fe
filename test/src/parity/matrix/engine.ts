import { join } from 'node:path';
import { TemperError, type EvaluationMetrics, type StepMetrics } from '@temper/contracts';
import type { PipelineSpec, PipelineSpecInput } from '@temper/spec';
import {
  buildTrainable,
  exportMerged,
  exportTrained,
  mergeRefusal,
  publishedFormat,
  settledBy,
} from '@temper/methods';
import { openModel, readSafetensors, type Tensor } from '@temper/models';
import { definitionOf } from '@temper/tasks';
import { trainedLogits } from '../trained-logits.js';
import { trainTo } from '../train-rows.js';
import { writeAdapter, writeBase } from './cell-model.js';
import type { Cell } from './golden.js';

/** All that the matrix knows of the engine's interfaces. */
export interface TrainedCell {
  readonly cell: Cell;
  readonly folder: string;
  readonly baseFolder: string;
  readonly steps: readonly StepMetrics[];
  /** Of the rows themselves, where the settings ask for evaluations. */
  readonly evaluations: readonly EvaluationMetrics[];
  readonly spec: PipelineSpec;
  /** What was trained, by the names of the checkpoint. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface Changed {
  /** Settings that are not the cell's. */
  readonly training?: PipelineSpecInput['training'];
  /** The same model in another format. */
  readonly baseFolder?: string | undefined;
}

/** Trains the cell's model on its rows, as a trainer's process does. */
export async function trainCell(cell: Cell, folder: string, changed: Changed = {}): Promise<TrainedCell> {
  const baseFolder = changed.baseFolder ?? join(folder, 'base-model');
  if (!changed.baseFolder) await writeBase(baseFolder, cell);
  const initFrom = join(folder, 'adapter');
  if (cell.adapter) await writeAdapter(initFrom, cell.adapter);
  const method = { ...cell.spec.method, ...(cell.adapter ? { initFrom } : {}) };
  const { lines, evaluations, spec, weightsFile } = await trainTo(folder, {
    modelFolder: baseFolder,
    rows: cell.rows,
    validation: cell.rows,
    task: cell.task,
    method: method as PipelineSpecInput['method'],
    ...cell.spec.model,
    training: { ...cell.spec.training, shuffle: false, evalStrategy: 'no', ...changed.training },
    padTokenId: (cell.config['pad_token_id'] as number | null) ?? 0,
  });
  return {
    cell,
    folder,
    baseFolder,
    steps: lines,
    evaluations,
    spec,
    weights: await readSafetensors(weightsFile),
  };
}

const hasClasses = ({ task }: Cell): boolean => task.endsWith('-classification');

/** As many as the goldens' rows have. */
const CLASSES = 3;
const labelNamesOf = (cell: Cell) =>
  hasClasses(cell) ? Array.from({ length: CLASSES }, (_, i) => String(i)) : [];

/** Exports what was trained: a whole model, or an adapter. Returns the folder. */
export async function exportCell(trained: TrainedCell): Promise<string> {
  const exported = join(trained.folder, 'exported');
  await exportTrained(exported, await exportOptions(trained));
  return exported;
}

/** The same with the adapter in the base model's weights; undefined, with nothing written, where its method or its table refuses that. */
export async function mergeCell(trained: TrainedCell) {
  const { folder, spec } = trained;
  if (publishedFormat(spec.method) === 'full' || mergeRefusal(spec.method)) return undefined;
  const merged = join(folder, 'merged');
  try {
    await exportMerged(merged, await exportOptions(trained));
    return merged;
  } catch (error) {
    if (error instanceof TemperError && /it would change both/.test(error.message)) return undefined;
    throw error;
  }
}

/** What exporting a trained cell takes. */
export async function exportOptions({ cell, folder, baseFolder, spec, weights }: TrainedCell) {
  const model = await openModel(baseFolder);
  const { head: task } = definitionOf(spec);
  const { precision } = spec.model;
  const initFrom = cell.adapter && join(folder, 'adapter');
  return { model, task, labelNames: labelNamesOf(cell), weights, method: spec.method, precision, initFrom };
}

/** Logits of each row by a folder that holds a whole model: nothing of the method is used. */
export const mergedLogits = (trained: TrainedCell, folder: string): Promise<number[][]> => {
  const whole = { method: { type: 'full' }, model: { ...trained.spec.model, precision: 'fp32' } };
  const spec = { ...trained.spec, ...whole } as PipelineSpec;
  return logitsOf({ ...trained, spec, folder: join(trained.folder, 'whole') }, folder, new Map());
};

/** Logits of each row by the graph that was trained, with what was trained, and what the adapter that it started from has besides. */
export async function ownLogits(trained: TrainedCell): Promise<number[][]> {
  const { cell, folder, weights } = trained;
  const started =
    cell.adapter && (await readSafetensors(join(folder, 'adapter', 'adapter_model.safetensors')));
  const untrained = [...(started ?? [])].filter(([name]) => !(name in cell.weights));
  return logitsOf(trained, trained.baseFolder, new Map([...untrained, ...weights]));
}

/** The same by what the exported folder holds. */
export async function exportedLogits(trained: TrainedCell, exported: string): Promise<number[][]> {
  const { cell, baseFolder } = trained;
  const { method } = trained.spec;
  if (publishedFormat(method) === 'full') return logitsOf(trained, exported, new Map());
  // What the folder says of itself, where the network of a prefix is gone.
  const spec = { ...trained.spec, method: settledBy(method, exported) };
  const model = await openModel(baseFolder);
  const head = hasClasses(cell) ? { labels: CLASSES } : {};
  const options = { task: definitionOf(spec).head, ...head, seed: 0, initFrom: exported };
  const { initial } = buildTrainable(model, spec.method, options);
  const weights = [...initial].map(
    ([name, data]) => [name, { dtype: 'F32' as const, shape: [data.length], data }] as const,
  );
  return logitsOf({ ...trained, spec }, baseFolder, new Map<string, Tensor>(weights), exported);
}

async function logitsOf(
  { cell, folder, spec }: TrainedCell,
  modelFolder: string,
  weights: ReadonlyMap<string, Tensor>,
  initFrom?: string,
): Promise<number[][]> {
  const logits: number[][] = [];
  for (const { input_ids: inputIds } of cell.rows.slice(0, 2)) {
    const graphs = join(folder, `graphs-${weights.size ? 'own' : 'exported'}`);
    logits.push(
      await trainedLogits({
        spec,
        modelFolder,
        classes: CLASSES,
        weights,
        inputIds,
        folder: graphs,
        initFrom,
      }),
    );
  }
  return logits;
}
