import type { TokenizedSplit } from '@temper/contracts';
import { generationOf } from '@temper/spec';
import { digestOf, digestOfBytes } from '@temper/storage';
import type { BuiltEvaluation } from '../build.js';
import { evaluatedAtOnce } from '../evaluation.js';
import { GENERATION_CODE } from '../generation/code.js';
import type { EvaluateJob } from '../job.js';

/**
 * All that the measurement of a base model depends on. How it is computed is in its graph; the rest is the rows as they are fed, how
 * they are batched (the order of sums), and what is made of the outputs.
 */
export function measuredOn(job: EvaluateJob, built: BuiltEvaluation, split: TokenizedSplit) {
  const { spec, baseModel, provider } = job;
  const { gate: _gate, ...evaluation } = spec.evaluation;
  const { labelNames, padTokenId, threads } = built;
  const generation = generationOf(spec);
  return {
    inputs: [baseModel.digest, digestOf(contentOf(split))],
    settings: {
      side: built.base.digest,
      task: spec.task,
      problemType: spec.problemType,
      batchSize: evaluatedAtOnce({
        task: built.task,
        batchSize: spec.training.evalBatchSize,
        trainBatchSize: spec.training.trainBatchSize,
      }),
      ...(built.task.loss.atReference && { known: built.task.loss.atReference }),
      ...{ evaluation, labelNames, padTokenId, threads, provider },
      ...(generation && { generation: { ...generation, code: GENERATION_CODE } }),
    },
  };
}

/** The split with its arrays as digests. */
export const contentOf = (split: TokenizedSplit) =>
  Object.fromEntries(
    Object.entries(split).map(([name, value]: [string, unknown]) => [
      name,
      ArrayBuffer.isView(value)
        ? digestOfBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
        : value,
    ]),
  );
