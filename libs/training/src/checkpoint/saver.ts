import type { ArtifactRef, MetricLine } from '@temper/contracts';
import { RunStore, type ArtifactStore } from '@temper/storage';
import type { TrainingState } from '../loop/state.js';
import { Checkpoints, type CheckpointsOptions } from './checkpoints.js';
import type { CheckpointSettings } from './meta.js';
import type { Snapshot } from './snapshot.js';

/** A training as it was at a step boundary: plain data, which another thread can be sent. */
export interface Save {
  readonly snapshot: Snapshot;
  readonly state: Readonly<TrainingState>;
  readonly settings: CheckpointSettings;
  /** Of the run's log, up to this step, as far as they are not in the store. */
  readonly lines: readonly MetricLine[];
}

/** Stores the checkpoints of one run, as the attempt that has claimed it. It is asked for one at a time. */
export interface Saver extends AsyncDisposable {
  /** Resolves when the checkpoint is committed: the run's pointer names it. */
  save(save: Save): Promise<ArtifactRef<'checkpoint'>>;
}

export type SaverOf = (claimed: CheckpointsOptions) => Saver;

/** In this thread. The log goes first: a run that goes on from a checkpoint has all lines up to it. */
export const savesTo =
  (artifacts: ArtifactStore): SaverOf =>
  (claimed) => {
    const checkpoints = new Checkpoints(artifacts, claimed);
    const runs = new RunStore(artifacts.store);
    const { runId, attempt } = claimed;
    return {
      async save({ snapshot, state, settings, lines }) {
        if (lines.length) await runs.putLines(runId, lines[0]!.step, lines, { attempt });
        return checkpoints.save(snapshot, state, settings);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  };
