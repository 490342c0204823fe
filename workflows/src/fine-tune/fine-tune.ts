import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { FineTuneInput, Provider, RunResult, StageName, StageOutput } from '@temper/contracts';
import { stageNames } from '@temper/contracts/run';
import { RunControl } from './control.js';
import { progressQuery } from './messages.js';
import { poolFor } from './pool.js';
import { RunRecord } from './run-record.js';
import { deviceStages, lightStages } from './stages.js';
import { showPool, showRun } from './visibility.js';

/**
 * One run of a pipeline. Started again with the same id and spec, it skips what the stage cache has and training goes
 * on from the run's checkpoint.
 *
 * Ends: completed or refused by the gate or a person → the RunResult; cancelled → cancelled; failed → an
 * ApplicationFailure of the error's code whose first detail is the RunResult.
 */
export async function fineTune(started: FineTuneInput): Promise<RunResult> {
  const { runId = workflowInfo().workflowId, spec, training, fork } = started;
  const run = new RunRecord(runId, spec.name, fork);
  const control = new RunControl(run, spec);
  setHandler(progressQuery, () => run.progress());
  showRun(spec);
  const input = (stage: StageName) => ({ runId, spec, ...(isFresh(started, stage) ? { fresh: true } : {}) });
  const stage = async <O extends StageOutput>(name: StageName, work: () => Promise<O>) => {
    await control.boundary();
    return run.stage(name, work);
  };
  let provider: Provider | undefined;
  try {
    const light = lightStages(spec);
    const { dataset, baseModel } = await stage('ingest', () => light.ingest(input('ingest')));
    const { tokens } = await stage('preprocess', () =>
      light.preprocess({ ...input('preprocess'), dataset, baseModel }),
    );

    provider = await poolFor(spec);
    showPool(provider);
    const device = deviceStages(spec, provider);
    const origin = { ...(training ? { training } : {}), ...(fork ? { fork } : {}) };
    const trained = await run.stage('train', () =>
      control.train((changes) =>
        device.train({
          ...input('train'),
          ...{ baseModel, tokens, ...origin },
          ...(changes.length ? { changes } : {}),
        }),
      ),
    );
    run.trained(trained);
    const { checkpoint, validation, changes } = trained;

    const toEvaluate = { baseModel, tokens, checkpoint, ...origin };
    const evaluated = await stage('evaluate', () => device.evaluate({ ...input('evaluate'), ...toEvaluate }));
    run.evaluated(evaluated);
    if (evaluated.gate.length) return run.refused(evaluated.gate);

    const approval = await control.approval();
    if (approval?.decision === 'rejected') return run.rejected(approval);

    const evaluation = { base: evaluated.base, test: evaluated.test };
    const toPublish = {
      ...input('publish'),
      ...{ ...toEvaluate, dataset, evaluation },
      ...(validation ? { validation } : {}),
      ...(changes?.length ? { changes } : {}),
      ...(approval ? { approval } : {}),
    };
    return run.completed(await stage('publish', () => light.publish(toPublish)));
  } catch (error) {
    throw run.ended(error, provider);
  } finally {
    // Who waits for the answer of an update gets it.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

const isFresh = ({ fresh, from }: FineTuneInput, stage: StageName): boolean =>
  from ? stageNames.indexOf(stage) >= stageNames.indexOf(from) : fresh === true;
