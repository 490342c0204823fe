import type { Metrics, TokenizedSplit } from '@temper/contracts';
import { countedIn, evaluationPlan, examplesOf, longestOf, makeBatch } from '@temper/data';
import type { BatchExamples, Chance, TaskDefinition } from '@temper/tasks';
import type { BatchEvaluation, TrainableModel } from './model.js';
import type { RowResults } from './rows/row-results.js';

export interface EvaluationOptions {
  readonly task: TaskDefinition;
  readonly batchSize: number;
  /** Of training: of losses that compare the examples of a batch, whose value would depend on `batchSize`. */
  readonly trainBatchSize: number;
  readonly padTokenId: number;
  readonly labelNames: readonly string[];
  /** Of what is minimised in place of the task's loss. */
  readonly chance?: Chance | undefined;
  /** Filled in where it is given. */
  readonly rows?: RowResults | undefined;
  /** After each batch: examples done, of all. */
  readonly onBatch?: ((done: number, examples: number) => void) | undefined;
}

/**
 * Padded tokens in one run: what a language model computes for 64 long examples at once would take gigabytes.
 * Sums do not depend on how a split is cut into batches.
 */
const MAX_TOKENS = 4096;

/** What a split is measured with. */
export type Evaluable = Pick<TrainableModel, 'evaluate'>;

/** Metrics of a split with the model's present parameters. Streams: memory does not grow with the split. */
export async function evaluateSplit(
  model: Evaluable,
  split: TokenizedSplit,
  options: EvaluationOptions,
): Promise<Metrics> {
  const metrics = options.task.accumulator(options.labelNames, options.chance);
  const examples = examplesOf(split);
  let done = 0;
  for (const planned of evaluationPlan(split, evaluatedAtOnce(options))) {
    for (const indices of options.task.comparesExamples ? [planned] : fitting(planned, split)) {
      const batch = makeBatch(split, indices, options);
      const of = { split, indices };
      const evaluated = decided(await model.evaluate(batch, { losses: !!options.rows }), options.task, of);
      options.rows?.add(indices, evaluated);
      const perExample = Array.from(indices, (example) => countedIn(split, example));
      metrics.add({ ...batch, ...evaluated, countedIn: perExample, of });
      done += indices.length;
      options.onBatch?.(done, examples);
    }
  }
  return metrics.result();
}

/** With what the task makes of the outputs. */
const decided = (
  evaluated: BatchEvaluation,
  { decide }: TaskDefinition,
  of: BatchExamples,
): BatchEvaluation =>
  decide ? { ...evaluated, outputs: { ...evaluated.outputs, ...decide(evaluated.outputs, of) } } : evaluated;

/** Examples of a batch: evaluations of a loss that compares them are the same whatever `training.evalBatchSize` is. */
export const evaluatedAtOnce = ({
  task,
  batchSize,
  trainBatchSize,
}: Pick<EvaluationOptions, 'task' | 'batchSize' | 'trainBatchSize'>): number =>
  task.comparesExamples ? trainBatchSize : batchSize;

/** Cuts a batch (longest example first) into pieces of at most MAX_TOKENS padded tokens, of at least one example. */
export function fitting(indices: Int32Array, split: TokenizedSplit): Int32Array[] {
  const pieces: Int32Array[] = [];
  for (let from = 0; from < indices.length;) {
    const padded = longestOf(split, indices[from]!) * (split.sequencesPerExample ?? 1);
    const size = Math.max(1, Math.floor(MAX_TOKENS / Math.max(1, padded)));
    pieces.push(indices.subarray(from, from + size));
    from += size;
  }
  return pieces;
}
