import type { Digest } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';
import type { BuiltEvaluation } from '../build.js';
import type { EvaluateJob } from '../job.js';

/**
 * All that the measurement of a base model depends on. How it is computed is in its graph; the rest is the rows, how they are
 * batched (the order of sums), and what is made of the outputs.
 */
export async function measuredOn(job: EvaluateJob, artifacts: ArtifactStore, built: BuiltEvaluation) {
  const { spec, baseModel, provider } = job;
  const { files } = await artifacts.manifest(job.tokens);
  const test = files.filter(({ path }) => path.startsWith('test.')).map(({ digest }): Digest => digest);
  const { gate: _gate, ...evaluation } = spec.evaluation;
  const { labelNames, padTokenId, threads, masking } = built;
  const { mlmProbability } = spec.training;
  return {
    inputs: [baseModel.digest, ...test],
    settings: {
      side: built.base.digest,
      task: spec.task,
      problemType: spec.problemType,
      batchSize: spec.training.evalBatchSize,
      ...(masking ? { masking, mlmProbability } : {}),
      ...{ evaluation, labelNames, padTokenId, threads, provider },
    },
  };
}
