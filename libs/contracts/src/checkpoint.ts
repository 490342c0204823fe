import type { ArtifactRef, Digest } from './artifact.js';
import type { AppliedChange, ChangedSettings } from './control.js';
import type { EngineIdentity } from './engine.js';
import type { DataCursor } from './tokens.js';

/**
 * Everything that training needs to go on to the bit, and no time of a clock: equal trainings have equal checkpoints. Files:
 * `trainable.safetensors` (the trained weights in PEFT's or the base model's own names), `optimizer.safetensors` (`SLOT.NAME` of each slot
 * that the optimizer declares), and `evaluation.json` where it was evaluated at this step. The log so far is that of the run up to `step`;
 * checkpoints of 0.1.0 hold it themselves, in `metrics.jsonl`.
 */
export interface CheckpointMeta {
  readonly step: number;
  readonly cursor: DataCursor;
  readonly seed: number;
  /** Threads of the session: results are bit-equal only for an equal number. */
  readonly threads: number;
  readonly provider: string;
  /** What trained since the checkpoint before; absent in 0.1.0. */
  readonly engine?: EngineIdentity | undefined;
  /** The artifact of the graphs that it ran. */
  readonly graphs?: Digest | undefined;
  /** Total real tokens seen. */
  readonly tokens: number;
  /** Training loss of the last logged step. */
  readonly loss?: number | undefined;
  readonly evaluation?: Readonly<Record<string, number>> | undefined;
  readonly best?: { readonly step: number; readonly metric: number; readonly digest: string } | undefined;
  /** Evaluations in a row without improvement. */
  readonly withoutImprovement: number;
  /** What `best` is measured by. */
  readonly metricForBestModel?: string | undefined;
  /** What evaluations made of the learning rate; absent where it follows from the step alone. */
  readonly schedule?: Readonly<Record<string, number>> | undefined;
  /** What was changed while it trained, in the order of steps; absent where nothing was. Who asked, and when, is in the run's list. */
  readonly changes?: readonly (ChangedSettings & { readonly step: number })[] | undefined;
  /** What it trains on: going on with something else would not be the same training. */
  readonly inputs?:
    | { readonly baseModel: Digest; readonly tokens: Digest; readonly adapter?: Digest | undefined }
    | undefined;
}

/** A checkpoint in the list of its run: `runs/RUNID/checkpoints/…`. */
export interface CheckpointEntry {
  readonly step: number;
  readonly checkpoint: ArtifactRef<'checkpoint'>;
  /** Training loss of the last logged step. */
  readonly loss?: number | undefined;
  /** Of the validation split, where it was evaluated at this step. */
  readonly evaluation?: Readonly<Record<string, number>> | undefined;
  /** In force at this step. */
  readonly changes?: readonly AppliedChange[] | undefined;
  /** The how-manieth training of the run; 0 unless it was started anew. */
  readonly training: number;
}
