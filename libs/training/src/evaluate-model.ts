import { noSpans, TemperError } from '@temper/contracts';
import { buildEvaluation } from './build.js';
import { loadWeights } from './checkpoint/files.js';
import { evaluateSplit } from './evaluation.js';
import type { EvaluateJob, EvaluateResult } from './job.js';
import { logTo, numbersOf } from './loop/observe.js';
import { Progress } from './loop/progress.js';
import { judgeRows, withIntervals } from './rows/compare.js';
import { RowResults } from './rows/row-results.js';
import { storeRows } from './rows/store-rows.js';
import { Interrupted } from './loop/interrupted.js';
import type { TrainPorts } from './loop/train.js';

/**
 * The base model against the checkpoint on the test split. Where the initial parameters make the base model (an adapter then adds
 * nothing; a new classification head is what the seed made), one graph does for both.
 */
export async function evaluateModel(job: EvaluateJob, ports: TrainPorts): Promise<EvaluateResult> {
  const { spans = noSpans } = ports;
  const built = await spans.within('build graph', { use: 'evaluate' }, () => buildEvaluation(job, ports));
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
  const { task } = built;
  const { labelNames } = built;
  const classes = labelNames.length;
  const rows = { base: new RowResults(split, task, classes), test: new RowResults(split, task, classes) };
  const run = (before: number, model: string, results: RowResults, of = built.model) =>
    spans.within('evaluate', { split: 'test', model }, async (add) => {
      const measured = await evaluateSplit(of, split, {
        ...built,
        batchSize: job.spec.training.evalBatchSize,
        rows: results,
        onBatch: (done) => {
          progress.phase('evaluating', before + done);
          if (ports.interrupted?.()) throw new Interrupted(0);
        },
      });
      add(numbersOf(measured));
      logTo(ports, `evaluation of the ${model} model`, { examples, ...numbersOf(measured) });
      return measured;
    });
  const base = await run(0, 'base', rows.base, built.baseModel);
  await loadWeights(ports.artifacts, job.checkpoint, built.model.store, job.workFolder);
  const test = await run(examples, 'fine-tuned', rows.test);
  const metric = job.spec.training.metricForBestModel;
  const judged = judgeRows(rows.base, rows.test, { task, labelNames, metric });
  return {
    base,
    test: withIntervals(test, judged),
    rows: await storeRows(ports.artifacts, rows.base, rows.test),
    // A head that the seed made says nothing about the base model.
    ...(built.headIsNew ? {} : { comparison: judged.comparison }),
  };
}
