import { TemperError } from '@temper/contracts';
import { buildTraining } from './build.js';
import { loadWeights } from './checkpoint.js';
import { evaluateSplit } from './evaluation.js';
import type { EvaluateJob, EvaluateResult } from './job.js';
import { Progress } from './progress.js';
import { Interrupted, type TrainPorts } from './train.js';

/**
 * The base model against the checkpoint on the test split, with one graph: the base model is the initial parameters
 * (a LoRA adapter then adds nothing; a new classification head is what the seed made).
 */
export async function evaluateModel(job: EvaluateJob, ports: TrainPorts): Promise<EvaluateResult> {
  const built = await buildTraining(job, ports, 'evaluate');
  const split = built.splits.test;
  if (!split || split.offsets.length < 2) {
    throw new TemperError('DATA_INVALID', {
      path: 'dataset.test',
      message: 'there are no test examples to evaluate on',
      hint: 'give dataset.test, or a dataset.split.test above 0',
    });
  }
  const examples = split.offsets.length - 1;
  const progress = new Progress(ports.report, 2 * examples);
  const run = (before: number) =>
    evaluateSplit(built.model, split, {
      ...built,
      batchSize: job.spec.training.evalBatchSize,
      onBatch: (done) => {
        progress.phase('evaluating', before + done);
        if (ports.interrupted?.()) throw new Interrupted(0);
      },
    });
  const base = await run(0);
  await loadWeights(ports.artifacts, job.checkpoint, built.model.store, job.workFolder);
  const test = await run(examples);
  return { base, test };
}
