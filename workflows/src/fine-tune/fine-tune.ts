import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunResult, StageName } from '@temper/contracts';
import type { FineTuneInput, StageOutput } from '@temper/spec';
import { stageNames } from '@temper/contracts/run';
import { Alerts } from './alerts.js';
import { RunControl } from './control.js';
import { progressQuery } from './messages.js';
import { poolFor } from './pool.js';
import { RunRecord } from './run-record.js';
import { deviceStages, lightStages } from './stages.js';
import { sameAsLast } from './unchanged.js';
import { showRun } from './visibility.js';

/**
 * One run of a pipeline. Started again with the same id and spec, it skips what the stage cache has and training goes
 * on from the run's checkpoint.
 *
 * Ends: completed, refused by the gate, a verdict or a person, or unchanged → the RunResult; cancelled → cancelled; failed → an
 * ApplicationFailure of the error's code whose first detail is the RunResult.
 */
export async function fineTune(asked: FineTuneInput): Promise<RunResult> {
  const {
    runId = workflowInfo().workflowId,
    spec,
    onlyNewData,
    until,
    stopAt,
    sweep,
    training,
    changes,
    fork,
  } = asked;
  const run = new RunRecord(runId, spec, fork);
  const alerts = new Alerts(spec, (line) => run.note(line));
  const control = new RunControl(run, spec, changes);
  setHandler(progressQuery, () => run.progress());
  showRun(spec);
  const input = (stage: StageName) => ({ runId, spec, ...(isFresh(asked, stage) ? { fresh: true } : {}) });
  const end = async (...told: Parameters<Alerts['send']>): Promise<RunResult> => {
    await alerts.send(...told);
    // With a note of whoever could not be told.
    return run.progress().result!;
  };
  const stage = async <O extends StageOutput>(name: StageName, work: () => Promise<O>) => {
    await control.boundary();
    return run.stage(name, work);
  };
  try {
    const light = lightStages(spec);
    const ingested = await stage('ingest', () => light.ingest(input('ingest')));
    run.ingested(ingested);
    const sameAs = onlyNewData ? sameAsLast(ingested) : undefined;
    if (sameAs) return run.unchanged(sameAs);
    const { dataset, baseModel } = ingested;
    const { tokens, data } = await stage('preprocess', () =>
      light.preprocess({ ...input('preprocess'), dataset, baseModel }),
    );
    run.prepared(data);

    const provider = await poolFor(spec);
    run.placedOn(provider);
    const device = deviceStages(spec, provider);
    const origin = { ...(training ? { training } : {}), ...(fork ? { fork } : {}) };
    const toTrain = { baseModel, tokens, ...origin, ...(stopAt ? { stopAt } : {}) };
    const trained = await run.stage('train', () =>
      control.train((wanted) =>
        device.train({ ...input('train'), ...toTrain, ...(wanted.length ? { changes: wanted } : {}) }),
      ),
    );
    run.trained(trained);
    if (until === 'train') return run.stopped();
    const { checkpoint, validation, changes: applied } = trained;

    const toEvaluate = { baseModel, tokens, checkpoint, ...origin };
    const evaluated = await stage('evaluate', () => device.evaluate({ ...input('evaluate'), ...toEvaluate }));
    run.evaluated(evaluated);
    if (until === 'evaluate') return run.stopped();
    if (evaluated.gate.length) return await end('refused', run.refused(evaluated.gate));
    const drift = await alerts.drift(evaluated.test);

    const approval = await control.approval();
    if (approval?.decision === 'rejected') return await end('refused', run.rejected(approval));

    const { base, test, comparison, verdicts } = evaluated;
    const evaluation = { base, test, ...(comparison ? { comparison } : {}) };
    const optional = {
      ...(verdicts ? { verdicts } : {}),
      ...(validation ? { validation } : {}),
      ...(sweep ? { sweep } : {}),
      ...(applied?.length ? { changes: applied } : {}),
      ...(approval ? { approval } : {}),
    };
    const toPublish = { ...input('publish'), ...toEvaluate, dataset, evaluation, ...optional };
    const result = run.completed(await stage('publish', () => light.publish(toPublish)));
    return drift ? await end('drift', result, drift) : result;
  } catch (error) {
    const result = run.ended(error);
    if (result?.status === 'failed') await alerts.send('failed', result);
    throw run.thrown(error);
  } finally {
    // Who waits for the answer of an update gets it.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

const isFresh = ({ fresh, from }: FineTuneInput, stage: StageName): boolean =>
  from ? stageNames.indexOf(stage) >= stageNames.indexOf(from) : fresh === true;
