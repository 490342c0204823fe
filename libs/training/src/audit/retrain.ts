import type { ArtifactManifest, ArtifactRef } from '@temper/contracts';
import { ArtifactStore, checkpointKey, Pointer } from '@temper/storage';
import { join } from 'node:path';
import type { CheckpointPointer } from '../checkpoint/pointer.js';
import type { TrainJob } from '../job.js';
import { trainOnly, type TrainPorts } from '../loop/train.js';
import { ScratchStore } from './scratch-store.js';

/** What led from a checkpoint, or from the beginning, to the step at which `train` stops. */
export interface Retraining {
  /** Under a run id that no run has. */
  readonly train: TrainJob;
  readonly to: number;
  /** Without the evaluation that may be due there. */
  readonly unevaluated: boolean;
  readonly from?: { readonly step: number; readonly ref: ArtifactRef<'checkpoint'> } | undefined;
}

/**
 * Trains again what led from one checkpoint of a run to another, as a resumed run does, and returns what the second one would be.
 * Nothing of the run is touched.
 */
export async function retrain(
  { train, from, to, unevaluated }: Retraining,
  { artifacts, ...ports }: TrainPorts,
): Promise<ArtifactManifest<'checkpoint'>> {
  const store = new ScratchStore(artifacts.store);
  if (from) {
    const { training } = train;
    const pointer = new Pointer<CheckpointPointer>(store, checkpointKey(train.runId));
    await pointer.update(() => ({ attempt: 0, ...from, ...(training ? { training } : {}) }));
  }
  // What is written is nobody's: it does not stay among the machine's blobs.
  const scratch = new ArtifactStore(store, { cacheFolder: join(train.workFolder, 'blobs') });
  const interrupted = (step: number) => unevaluated && step >= to;
  const reached = await trainOnly(train, { ...ports, artifacts: scratch, interrupted });
  return scratch.manifest(reached);
}
