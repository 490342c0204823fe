import { cachedStage, inlineMetrics, stageActivity, StagePlugin } from '@temper/activity';
import type { ArtifactRef } from '@temper/contracts';
import type { PipelineSpec, StageActivities, TrainInput, TrainOutput } from '@temper/spec';
import { checkpointKey, Pointer } from '@temper/storage';
import type { CheckpointPointer } from '@temper/training';
import { runTrainer } from '@temper/training/trainer-process';
import { judge } from '@temper/training/verdict/judge';
import { fingerprint } from './fingerprint.js';
import type { DevicePorts } from './ports.js';
import { damageOf, superviseTrainer } from './supervise.js';
import { yielding } from './yielding.js';

/** Raise it where equal inputs are trained to other weights than before. */
const CODE = 'train/2';

/** The train stage: `Worker.create({plugins: [new TrainPlugin(ports)], …})`. */
export class TrainPlugin extends StagePlugin {
  constructor(ports: DevicePorts) {
    super('train', trainActivities(ports));
  }
}

export const trainActivities = (ports: DevicePorts): Pick<StageActivities, 'train'> => ({
  train: stageActivity<TrainInput, TrainOutput>('train', async (input, context) => {
    const { runId, spec, baseModel, tokens, stopAt, fork, training, changes } = input;
    const whole = {
      code: CODE,
      inputs: [baseModel.digest, tokens.digest, ...(fork ? [fork.checkpoint.digest] : [])],
      spec: await fingerprint(spec, ports.provider),
    };
    const entry = stopAt ? { ...whole, spec: { ...whole.spec, stopAt } } : whole;
    // A training that somebody changed is not what its spec says: it neither uses nor makes an entry of the cache.
    const isChanged = !!changes?.length || (await wasChanged(ports, input));
    const fresh = input.fresh || isChanged;
    let damage = '';
    const work = async () => {
      await using device = yielding(ports, input, context);
      const signal = AbortSignal.any([context.signal, device.signal]);
      const trained = await superviseTrainer(ports, input, { ...context, signal }, (job, options) =>
        runTrainer({ ...job, kind: 'train', training, fork, changes, stopAt }, options),
      );
      const { checkpoint, steps, totalSteps, finished, damaged, changes: applied } = trained;
      if (damaged?.length) damage = `; ${damageOf(damaged)}`;
      const validation = trained.validation && (await inlineMetrics(ports, trained.validation));
      const made = { checkpoint, steps, totalSteps, finished, trainedBy: runId };
      return { ...made, ...(validation ? { validation } : {}), ...(applied ? { changes: applied } : {}) };
    };
    const { cached, trainedBy, ...result } = await cachedStage(ports, 'train', entry, fresh, work, {
      keep: ({ changes: applied }) => !applied,
    });
    if (stopAt && result.finished && !result.changes) {
      // It got to the end: the result of the whole training too.
      await cachedStage(ports, 'train', whole, false, async () => ({ ...result, trainedBy }));
    } else if (stopAt && trainedBy !== runId) {
      await adopt(ports, runId, result);
    }
    // The log belongs to the run that trained; a run that reuses its work shows it as its own.
    if (trainedBy !== runId) {
      const lines = await ports.runs.readAll(trainedBy);
      const upTo = lines.filter(({ step }) => step <= result.steps);
      await ports.runs.putLines(runId, 0, upTo);
    }
    const metricsUri = await ports.runs.closeMetrics(runId);
    const summary = summaryOf(result, spec) + damage;
    const verdicts = result.finished === false ? undefined : await verdictsOf(ports, input, result);
    return { ...result, metricsUri, cached, summary, ...(verdicts ? { verdicts } : {}) };
  }),
});

/** By what a trial of a sweep has: it is not evaluated on the test split. */
async function verdictsOf(ports: DevicePorts, { runId, spec }: TrainInput, { validation }: Summarized) {
  const log = await ports.runs.closedMetrics(runId);
  return judge({ spec, log, validation, examples: {} });
}

/** Whether the run's checkpoint, from which training goes on, is of a changed training. */
async function wasChanged(ports: DevicePorts, { runId, training = 0 }: TrainInput): Promise<boolean> {
  const pointer = await new Pointer<CheckpointPointer>(ports.store, checkpointKey(runId)).read();
  const { ref, training: of = 0 } = pointer?.value ?? {};
  return !!ref && of === training && !!(await ports.artifacts.manifest(ref)).meta.changes;
}

/** What another run trained so far becomes this one's: it goes on from there, instead of doing it again. */
async function adopt(
  ports: DevicePorts,
  runId: string,
  { checkpoint: ref, steps: step }: { checkpoint: ArtifactRef<'checkpoint'>; steps: number },
): Promise<void> {
  const pointer = new Pointer<CheckpointPointer>(ports.store, checkpointKey(runId));
  await pointer.update((current) => (current ? undefined : { attempt: 0, step, ref }));
}

type Summarized = Pick<TrainOutput, 'steps' | 'totalSteps' | 'finished' | 'validation' | 'changes'>;

function summaryOf(
  { steps, totalSteps, finished, validation, changes = [] }: Summarized,
  { training }: PipelineSpec,
): string {
  const value = validation?.[training.metricForBestModel];
  const shown =
    typeof value === 'number' ? `, validation ${training.metricForBestModel} ${value.toFixed(4)}` : '';
  const changed = changes.length ? `, ${changes.length} ${changes.length > 1 ? 'changes' : 'change'}` : '';
  return `${steps}${finished === false ? ` of ${totalSteps}` : ''} steps${shown}${changed}`;
}
