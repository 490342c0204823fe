import { TemperError, type ArtifactRef, type CheckpointMeta, type Digest } from '@temper/contracts';
import { checkpointKey, Pointer, RunStore, type ArtifactStore } from '@temper/storage';
import type { DamagedCheckpoint } from '../job.js';
import { numbersOf } from '../loop/observe.js';
import { evaluationHere, type TrainingState } from '../loop/state.js';
import { writeFiles } from './files.js';
import { inFolder } from './in-folder.js';
import { metaOf, type CheckpointSettings } from './meta.js';
import { isDamaged, previousOf, withMended, type CheckpointPointer, type Place } from './pointer.js';
import type { Snapshot } from './snapshot.js';

export interface CheckpointsOptions {
  readonly runId: string;
  readonly attempt: number;
  /** For files on their way. */
  readonly folder: string;
  /** The how-manieth of the run. */
  readonly training?: number | undefined;
  /** What `claim` found. */
  readonly damaged?: readonly DamagedCheckpoint[] | undefined;
}

/** The checkpoints of one run, as one attempt sees them. */
export class Checkpoints {
  private readonly pointer: Pointer<CheckpointPointer>;
  private readonly runs: RunStore;
  private readonly training: number;
  /** Raised by `claim`, above every attempt before it. */
  attempt: number;
  /** Of this run, found by this attempt or by one before it. */
  damaged: readonly DamagedCheckpoint[];

  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly options: CheckpointsOptions,
  ) {
    this.pointer = new Pointer(artifacts.store, checkpointKey(options.runId));
    this.runs = new RunStore(artifacts.store);
    this.training = options.training ?? 0;
    this.attempt = options.attempt;
    this.damaged = options.damaged ?? [];
  }

  /**
   * Takes the run over: returns its newest checkpoint that is whole, which no attempt that began earlier can move from
   * now on; undefined where there is none. A training that is to begin anew leaves the checkpoints of the one before it,
   * which cannot take the run back either.
   */
  async claim(): Promise<ArtifactRef<'checkpoint'> | undefined> {
    const { training } = this;
    let claimed = await this.pointer.update((current) => {
      if (current && (current.training ?? 0) > training) return undefined;
      this.attempt = Math.max(this.options.attempt, (current?.attempt ?? 0) + 1);
      const isOurs = current && (current.training ?? 0) === training;
      const kept = isOurs ? current : { step: 0, ...this.numbered() };
      return { ...kept, attempt: this.attempt };
    });
    if (claimed && (claimed.training ?? 0) > training) throw this.takenOver(claimed);
    while (claimed?.ref) {
      this.damaged = claimed.damaged ?? [];
      if (isDamaged(claimed)) return undefined;
      const message = await this.damageOf(claimed.ref);
      if (message === undefined) return claimed.ref;
      claimed = await this.stepBack(message);
    }
    return undefined;
  }

  /** For who is to save them, as this attempt. */
  get claimed(): CheckpointsOptions {
    return { ...this.options, attempt: this.attempt, damaged: this.damaged };
  }

  private numbered = () => (this.training ? { training: this.training } : {});

  /** What is wrong with a checkpoint; all of it is read (and stays in this machine's cache of blobs). */
  private async damageOf(ref: ArtifactRef<'checkpoint'>): Promise<string | undefined> {
    try {
      await inFolder(this.options.folder, (folder) => this.artifacts.materialize(ref, folder));
      return undefined;
    } catch (error) {
      const isDamage =
        error instanceof TemperError && (error.code === 'BLOB_CORRUPT' || error.code === 'NOT_FOUND');
      if (!isDamage) throw error;
      return error.message;
    }
  }

  /** To the checkpoint before; without one the pointer stays, at what is noted as damaged, until the next checkpoint. */
  private async stepBack(message: string): Promise<CheckpointPointer | undefined> {
    return this.move((current) => {
      const {
        step,
        ref,
        previous: [before, ...previous] = [],
        damaged = [],
      } = current as Place & CheckpointPointer;
      const found: DamagedCheckpoint = { step, ref, resumedFrom: before?.step ?? 0, message };
      return { ...(before ?? { step, ref }), previous, damaged: [...damaged, found] };
    });
  }

  /** Blobs, then the manifest, then the pointer: who reads the pointer finds a whole checkpoint. */
  async save(
    snapshot: Snapshot,
    state: TrainingState,
    settings: CheckpointSettings,
  ): Promise<ArtifactRef<'checkpoint'>> {
    return inFolder(this.options.folder, async (folder) => {
      const paths = await writeFiles(folder, snapshot, state);
      const ref = await this.artifacts.putArtifact('checkpoint', paths, metaOf(state, settings), {
        rewrite: this.damaged.length > 0,
      });
      await this.move((current) => ({
        step: state.step,
        ref,
        previous: previousOf(current, ref),
        damaged: withMended(current?.damaged, ref),
      }));
      await this.enlist(state, ref);
      return ref;
    });
  }

  /** Adds a checkpoint to the run's list; it is there already unless the attempt that wrote it died in between. */
  async enlist(state: TrainingState, checkpoint: ArtifactRef<'checkpoint'>): Promise<void> {
    const evaluation = evaluationHere(state);
    const loss = state.losses.at(-1);
    const entry = {
      ...{ step: state.step, checkpoint, training: this.training },
      ...(loss === undefined ? {} : { loss }),
      ...(evaluation ? { evaluation: numbersOf(evaluation) } : {}),
      ...(state.changes.length ? { changes: state.changes } : {}),
    };
    await this.runs.putCheckpoint(this.options.runId, entry, this.attempt);
  }

  bestRef(best: NonNullable<CheckpointMeta['best']>): ArtifactRef<'checkpoint'> {
    return this.artifacts.ref('checkpoint', best.digest as Digest);
  }

  /** Moves the pointer, unless a newer attempt holds it. */
  private async move(
    change: (current: CheckpointPointer | undefined) => Omit<CheckpointPointer, 'attempt'>,
  ): Promise<CheckpointPointer | undefined> {
    const inForce = await this.pointer.update((current) =>
      current && current.attempt > this.attempt
        ? undefined
        : { ...change(current), ...this.numbered(), attempt: this.attempt },
    );
    if (inForce && inForce.attempt > this.attempt) throw this.takenOver(inForce);
    return inForce;
  }

  private takenOver({ attempt, training = 0 }: CheckpointPointer): TemperError {
    const newer = training > this.training ? `training ${training}, ` : '';
    return new TemperError('STORE_CONFLICT', {
      path: this.pointer.key,
      message: 'a newer attempt has taken over this run',
      found: `${newer}attempt ${attempt}`,
      allowed: `attempt ${this.attempt}`,
    });
  }
}
