import { noSpans, TemperError, type TokenizedSplit } from '@temper/contracts';
import { generationOf } from '@temper/spec';
import { atReference } from './base/at-reference.js';
import { KeptBase } from './base/kept-base.js';
import { measuredOn } from './base/measured-on.js';
import { buildEvaluation, type BuiltEvaluation } from './build.js';
import { loadWeights } from './checkpoint/files.js';
import { evaluateSplit, type Evaluable } from './evaluation.js';
import { scoreTexts, type WrittenScores } from './generation/written-texts.js';
import type { Side } from './generation/writers.js';
import type { EvaluateJob, EvaluateResult } from './job.js';
import { logTo, numbersOf } from './loop/observe.js';
import { Progress } from './loop/progress.js';
import { judgeRows, withIntervals } from './rows/compare.js';
import { RowResults } from './rows/row-results.js';
import { storeRows } from './rows/store-rows.js';
import { Interrupted } from './loop/interrupted.js';
import type { TrainPorts } from './loop/train.js';

/** The base model against the checkpoint on the test split. The base model is measured once for all runs over the same rows. */
export async function evaluateModel(job: EvaluateJob, ports: TrainPorts): Promise<EvaluateResult> {
  const { artifacts, spans = noSpans } = ports;
  const built = await spans.within('build graph', { use: 'evaluate' }, () => buildEvaluation(job, ports));
  const { task, labelNames } = built;
  const split = testSplitOf(built);
  const rowsOf = () => new RowResults(split, task, labelNames.length);
  const rows = { base: rowsOf(), test: rowsOf() };
  const kept = new KeptBase(artifacts, measuredOn(job, built, split));
  const known = job.fresh ? undefined : await kept.find(rows.base);
  const examples = rows.test.rows;
  const progress = new Progress(ports.report, known ? examples : 2 * examples);
  const measure = (name: string, model: Evaluable, into: RowResults, before: number) =>
    spans.within('evaluate', { split: 'test', model: name }, async (add) => {
      const measured = await evaluateSplit(model, split, {
        ...built,
        // What the base model is measured on is kept for trainings of every loss.
        chance: into === rows.base ? undefined : built.chance,
        batchSize: job.spec.training.evalBatchSize,
        trainBatchSize: job.spec.training.trainBatchSize,
        rows: into,
        onBatch: (done) => {
          progress.phase('evaluating', before + done);
          if (ports.interrupted?.(0)) throw new Interrupted(0);
        },
      });
      add(numbersOf(measured));
      logTo(ports, `evaluation of the ${name} model`, { examples, ...numbersOf(measured) });
      return measured;
    });
  const written = textsOf(job, built, split, ports);
  const measureBase = async () => {
    const { model, release } = await baseOf(built);
    const measured = await measure('base', model, rows.base, 0).finally(release);
    const all = { ...measured, ...(await written('base'))?.metrics };
    await kept.keep(all, rows.base);
    return all;
  };
  const base = known ?? (await measureBase());
  await loadWeights(artifacts, job.checkpoint, built.model.store, job.workFolder);
  const measured = await measure('fine-tuned', built.model, rows.test, known ? 0 : examples);
  const texts = await written('trained');
  const metric = job.spec.training.metricForBestModel;
  const judged = judgeRows(rows.base, rows.test, { task, labelNames, metric });
  return {
    base,
    baseCached: known !== undefined,
    test: withIntervals({ ...measured, ...texts?.metrics }, { ...judged.interval95, ...texts?.interval95 }),
    rows: await storeRows(artifacts, rows.base, rows.test, {
      ...kept.writing,
      engine: built.engine,
      graphs: built.graphs,
    }),
    // A head that the seed made says nothing about the base model.
    ...(built.headIsNew ? {} : { comparison: judged.comparison }),
  };
}

/** Its graph is not loaded where what it gives is known. */
async function baseOf({
  task,
  base,
}: BuiltEvaluation): Promise<{ model: Evaluable; release(): Promise<void> }> {
  const known = task.loss.atReference;
  return known ? { model: atReference(known), release: async () => undefined } : base.open();
}

/** Scores of the texts that a side writes, where they are asked for. */
function textsOf(
  job: EvaluateJob,
  { writers, task: { measureTexts: measure } }: BuiltEvaluation,
  split: TokenizedSplit,
  ports: TrainPorts,
) {
  const { spans = noSpans } = ports;
  const settings = generationOf(job.spec);
  return async (side: Side): Promise<WrittenScores | undefined> => {
    if (!settings || !measure) return undefined;
    const progress = new Progress(ports.report, Math.min(settings.rows, split.offsets.length - 1));
    const onToken = (texts: number) => {
      progress.phase('generating', texts);
      if (ports.interrupted?.(0)) throw new Interrupted(0);
    };
    return spans.within('generate', { split: 'test', model: side }, async (add) => {
      const scores = await scoreTexts(side, split, { writers, settings, measure, watch: { onToken } });
      const numbers = numbersOf(scores.metrics);
      add(numbers);
      logTo(ports, `texts of the ${side} model`, { texts: scores.metrics.generated.rows, ...numbers });
      return scores;
    });
  };
}

function testSplitOf({ splits: { test } }: BuiltEvaluation): TokenizedSplit {
  if (test && test.offsets.length > 1) return test;
  throw new TemperError('DATA_INVALID', {
    path: 'dataset.test',
    message: 'there are no test examples to evaluate on',
    hint: 'give dataset.test, or a dataset.split.test above 0',
  });
}
