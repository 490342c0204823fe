import type { ArtifactRef } from '@temper/contracts';
import type { CheckpointsOptions } from '@temper/training/checkpoint/checkpoints';
import type { Failure } from '../failure.js';
import type { StoreEvent } from '../store-requests.js';

/** What the thread begins with; then it is sent a `Save`, and the next one after its answer. */
export interface SavingData {
  readonly claimed: CheckpointsOptions;
  readonly cacheFolder: string;
}

/** What it answers, with requests to the store that it made meanwhile. */
export type SavingAnswer =
  StoreEvent | { readonly type: 'saved'; readonly ref: ArtifactRef<'checkpoint'> } | Failure;
