import { allHandlersFinished, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { RunResult } from '@temper/contracts';
import type { FineTuneInput } from '@temper/spec';
import { progressQuery } from './messages.js';
import { Pipeline } from './pipeline.js';
import { showRun } from './visibility.js';

/**
 * One run of a pipeline. Started again with the same id and spec, it skips what the stage cache has and training goes
 * on from the run's checkpoint.
 *
 * Ends: completed, refused by the gate, a verdict or a person, or unchanged → the RunResult; cancelled → cancelled; failed → an
 * ApplicationFailure of the error's code whose first detail is the RunResult.
 */
export async function fineTune(asked: FineTuneInput): Promise<RunResult> {
  const pipeline = new Pipeline(asked);
  const { run, alerts } = pipeline;
  setHandler(progressQuery, () => run.progress(), {
    description: 'temper.fineTune: where the run is, its result once there is one',
  });
  showRun(asked.spec);
  try {
    return await pipeline.result();
  } catch (error) {
    const result = run.ended(error);
    if (result?.status === 'failed') await alerts.send('failed', result);
    throw run.thrown(error);
  } finally {
    // Who waits for the result of an update gets it.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}
