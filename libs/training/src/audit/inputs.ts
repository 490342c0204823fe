import { TemperError, type CheckpointMeta, type Provider } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';
import type { TrainJob } from '../job.js';
import type { Retraining } from './retrain.js';
import type { AuditedRun } from './audit.js';
import type { KeptCheckpoint } from './kept.js';

/** What led from one checkpoint of a run to another, as a job of its own. */
export function retrainingOf(
  { runId, spec, fork }: AuditedRun,
  { from, to }: { readonly from: KeptCheckpoint | undefined; readonly to: CheckpointMeta },
  { artifacts, folder }: { readonly artifacts: ArtifactStore; readonly folder: string },
): Retraining {
  const { baseModel, tokens, adapter } = inputsOf(runId, to);
  const train: TrainJob = {
    ...{ kind: 'train', runId: `audit-${runId}`, attempt: 1, spec, fork },
    baseModel: artifacts.ref('base-model', baseModel),
    tokens: artifacts.ref('tokens', tokens),
    ...(adapter ? { adapter: artifacts.ref('adapter', adapter) } : {}),
    provider: to.provider as Provider,
    threads: to.threads,
    workFolder: folder,
    stopAt: { steps: to.step },
    // Those that are in force at `from` are known by their place, the others come when their step does.
    changes: (to.changes ?? []).map((change, i) => ({ id: String(i), by: '', at: '', ...change })),
  };
  // One that was written because training was asked to stop, before the evaluation of its step.
  const unevaluated = to.evaluation === undefined;
  return {
    train,
    to: to.step,
    unevaluated,
    from: from && { step: from.entry.step, ref: from.entry.checkpoint },
  };
}

function inputsOf(runId: string, { inputs }: CheckpointMeta): NonNullable<CheckpointMeta['inputs']> {
  if (inputs) return inputs;
  throw new TemperError('NOT_FOUND', {
    path: runId,
    message: 'its checkpoints do not say what they were trained on',
  });
}
