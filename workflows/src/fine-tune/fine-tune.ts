import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { FineTuneInput, Provider, RunResult } from '@temper/contracts';
import { Alerts } from './alerts.js';
import { progressQuery } from './messages.js';
import { poolFor } from './pool.js';
import { RunRecord } from './run-record.js';
import { deviceStages, lightStages } from './stages.js';
import { sameAsLast } from './unchanged.js';
import { showPool, showRun } from './visibility.js';

/**
 * One run of a pipeline. Started again with the same id and spec, it skips what the stage cache has and training goes
 * on from the run's checkpoint.
 *
 * Ends: completed, refused by the gate or unchanged → the RunResult; cancelled → cancelled; failed → an ApplicationFailure of the
 * error's code whose first detail is the RunResult.
 */
export async function fineTune(asked: FineTuneInput): Promise<RunResult> {
  const { runId, spec, fresh, onlyNewData, until, stopAt, sweep } = asked;
  const input = { runId: runId ?? workflowInfo().workflowId, spec, ...(fresh ? { fresh } : {}) };
  const run = new RunRecord(input.runId, spec.name);
  const alerts = new Alerts(spec, (line) => run.note(line));
  setHandler(progressQuery, () => run.progress());
  showRun(spec);
  let provider: Provider | undefined;
  try {
    const light = lightStages(spec);
    const ingested = await run.stage('ingest', () => light.ingest(input));
    run.ingested(ingested);
    const sameAs = onlyNewData ? sameAsLast(ingested) : undefined;
    if (sameAs) return run.unchanged(sameAs);
    const { dataset, baseModel } = ingested;
    const { tokens } = await run.stage('preprocess', () =>
      light.preprocess({ ...input, dataset, baseModel }),
    );

    provider = await poolFor(spec);
    showPool(provider);
    const device = deviceStages(spec, provider);
    const toTrain = { ...input, baseModel, tokens, ...(stopAt ? { stopAt } : {}) };
    const trained = await run.stage('train', () => device.train(toTrain));
    run.trained(trained);
    if (until === 'train') return run.stopped();
    const { checkpoint, validation } = trained;

    const toEvaluate = { ...input, baseModel, tokens, checkpoint };
    const evaluated = await run.stage('evaluate', () => device.evaluate(toEvaluate));
    run.evaluated(evaluated);
    if (until === 'evaluate') return run.stopped();
    if (evaluated.gate.length) return await alerts.send('refused', run.refused(evaluated.gate));
    const drift = await alerts.drift(evaluated.test);

    const evaluation = { base: evaluated.base, test: evaluated.test };
    const optional = { ...(validation ? { validation } : {}), ...(sweep ? { sweep } : {}) };
    const toPublish = { ...toEvaluate, dataset, evaluation, ...optional };
    const result = run.completed(await run.stage('publish', () => light.publish(toPublish)));
    return drift ? await alerts.send('drift', result, drift) : result;
  } catch (error) {
    const failure = run.ended(error, provider);
    const { result } = run.progress();
    if (result?.status === 'failed') await alerts.send('failed', result);
    throw failure;
  }
}
