import type { ArtifactRef, Digest } from './artifact.js';
import type { AppliedChange } from './control.js';
import type { EngineIdentity } from './engine.js';

/** What a run starts from, whatever the sources of its spec hold by now. */
export interface PinnedInputs {
  readonly dataset: ArtifactRef<'dataset'>;
  readonly baseModel: ArtifactRef<'base-model'>;
  readonly adapter?: ArtifactRef<'adapter'> | undefined;
}

/** What trained a version, as far as its lineage says. */
export interface TrainedBy {
  readonly engine?: EngineIdentity | undefined;
  /** Version of the train stage's code: `results/1`. */
  readonly code?: string | undefined;
  readonly tokens: Digest;
}

/** A version that a run makes again. Nothing is published, and no alias moves. */
export interface Rebuild {
  readonly name: string;
  readonly version: number;
  /** Of its weights and their configuration. */
  readonly digest: Digest;
  readonly artifact: ArtifactRef<'model'>;
  readonly pinned: PinnedInputs;
  /** Training is refused where something else would train. Absent: it trains anyway. */
  readonly expected?: TrainedBy | undefined;
  /** Made again after the same steps. */
  readonly changes?: readonly AppliedChange[] | undefined;
}

/** Something of a version that was made again and is not what it was. */
export interface RebuiltDifference {
  /** `model`, `tokens`, `checkpoint`, or the path of a file. */
  readonly what: string;
  /** `none`: the version has no such file. */
  readonly was: string;
  readonly is: string;
}

export interface Rebuilt {
  readonly name: string;
  readonly version: number;
  /** `unknown`: it differs, and another engine or other code made it, so that nothing follows from it. */
  readonly verdict: 'equal' | 'changed' | 'unknown';
  /** Of the weights and their configuration that were made. */
  readonly digest: Digest;
  /** Empty where the weights and their configuration are equal. */
  readonly differences: readonly RebuiltDifference[];
  /** Why nothing follows from a difference. */
  readonly why?: string | undefined;
  /** What trained it this time. */
  readonly engine?: EngineIdentity | undefined;
  readonly code?: string | undefined;
}
