import type { ArtifactRef } from '@temper/contracts';
import type { DamagedCheckpoint } from '../job.js';

export interface Place {
  readonly step: number;
  readonly ref: ArtifactRef<'checkpoint'>;
}

/** Value of `refs/runs/RUNID/checkpoint`. `attempt` rises with every process that takes the run over. */
export interface CheckpointPointer {
  readonly attempt: number;
  readonly step: number;
  /** Undefined before the first checkpoint. */
  readonly ref?: ArtifactRef<'checkpoint'> | undefined;
  /** The how-manieth training of the run this is of; absent: 0. */
  readonly training?: number | undefined;
  /** The checkpoints before it, newest first: for the case that the store damages the newest. */
  readonly previous?: readonly Place[] | undefined;
  /** Found damaged. */
  readonly damaged?: readonly DamagedCheckpoint[] | undefined;
}

/** How many checkpoints before the newest are remembered. */
const PREVIOUS = 3;

export const isDamaged = ({ ref, damaged = [] }: CheckpointPointer): boolean =>
  damaged.some((found) => !found.mended && found.ref.digest === ref?.digest);

/** What is written again under the same address is whole again. */
export const withMended = (damaged: CheckpointPointer['damaged'], written: Place['ref']) =>
  damaged?.map((found) => (found.ref.digest === written.digest ? { ...found, mended: true } : found));

/** An equal checkpoint may be written twice (an answer was lost): it is remembered once. */
export function previousOf(current: CheckpointPointer | undefined, next: Place['ref']): Place[] {
  if (!current) return [];
  const { step, ref, previous = [] } = current;
  return [...(!ref || isDamaged(current) ? [] : [{ step, ref }]), ...previous]
    .filter((place) => place.ref.digest !== next.digest)
    .slice(0, PREVIOUS);
}
