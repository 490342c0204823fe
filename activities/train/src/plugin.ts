import { cachedStage, stageActivity, StagePlugin } from '@temper/activity';
import type { PipelineSpec, StageActivities, TrainInput, TrainOutput } from '@temper/contracts';
import { checkpointKey, Pointer } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';
import { runTrainer } from '@temper/training/trainer-process';
import { fingerprint } from './fingerprint.js';
import type { DevicePorts } from './ports.js';
import { superviseTrainer } from './supervise.js';

/** Raise it where equal inputs are trained to other weights than before. */
const CODE = 'train/1';

/** The train stage: `Worker.create({plugins: [new TrainPlugin(ports)], …})`. */
export class TrainPlugin extends StagePlugin {
  constructor(ports: DevicePorts) {
    super('train', trainActivities(ports));
  }
}

export const trainActivities = (ports: DevicePorts): Pick<StageActivities, 'train'> => ({
  train: stageActivity<TrainInput, TrainOutput>('train', async (input, context) => {
    const { runId, spec, baseModel, tokens, fork, training, changes } = input;
    const entry = {
      code: CODE,
      inputs: [baseModel.digest, tokens.digest, ...(fork ? [fork.checkpoint.digest] : [])],
      spec: await fingerprint(spec, ports.provider),
    };
    // A training that somebody changed is not what its spec says: it neither uses nor makes an entry of the cache.
    const isChanged = !!changes?.length || (await wasChanged(ports, input));
    const fresh = input.fresh || isChanged;
    const work = async () => {
      const trained = await superviseTrainer(ports, input, context, (job, options) =>
        runTrainer({ ...job, kind: 'train', training, fork, changes }, options),
      );
      const { checkpoint, steps, validation, changes: applied } = trained;
      const made = { checkpoint, steps, trainedBy: runId };
      return { ...made, ...(validation ? { validation } : {}), ...(applied ? { changes: applied } : {}) };
    };
    const { cached, trainedBy, ...result } = await cachedStage(ports, 'train', entry, fresh, work, {
      keep: ({ changes: applied }) => !applied,
    });
    // The log belongs to the run that trained; a run that reuses its work shows it as its own.
    if (trainedBy !== runId) await ports.runs.putLines(runId, 0, await ports.runs.readAll(trainedBy));
    const metricsUri = await ports.runs.closeMetrics(runId);
    return { ...result, metricsUri, cached, summary: summaryOf(result, spec) };
  }),
});

/** Whether the run's checkpoint, from which training goes on, is of a changed training. */
async function wasChanged(ports: DevicePorts, { runId, training = 0 }: TrainInput): Promise<boolean> {
  const pointer = await new Pointer<CheckpointPointer>(ports.store, checkpointKey(runId)).read();
  const { ref, training: of = 0 } = pointer?.value ?? {};
  return !!ref && of === training && !!(await ports.artifacts.manifest(ref)).meta.changes;
}

function summaryOf(
  { steps, validation, changes = [] }: Pick<TrainOutput, 'steps' | 'validation' | 'changes'>,
  { training }: PipelineSpec,
): string {
  const value = validation?.[training.metricForBestModel];
  const shown =
    typeof value === 'number' ? `, validation ${training.metricForBestModel} ${value.toFixed(4)}` : '';
  const changed = changes.length ? `, ${changes.length} ${changes.length > 1 ? 'changes' : 'change'}` : '';
  return `${steps} steps${shown}${changed}`;
}
