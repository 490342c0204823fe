import type { PipelineSpec } from '@temper/spec';
import type { KeptCheckpoint } from './kept.js';

/** A checkpoint that was written and is not there any more, or not all of it. */
export interface Gap {
  readonly step: number;
  readonly missing: string;
  /** Who took it, where that was written down. */
  readonly taken?: string | undefined;
}

const WEIGHTS = 'trainable.safetensors';

/**
 * What retention took of a run: from its list, and steps at which training saves (`saveSteps`) that are not in the list. Between
 * them the audit trains through. What comes before the first one may be another run's: of a fork, or of work that was taken from the cache.
 */
export function gapsOf(
  kept: readonly KeptCheckpoint[],
  { training: { saveSteps } }: Pick<PipelineSpec, 'training'>,
): Gap[] {
  const listed = new Set(kept.map(({ entry }) => entry.step));
  const first = Math.min(...listed);
  const last = Math.max(0, ...listed);
  const gaps: Gap[] = kept.flatMap(({ entry: { step }, gone, taken }) =>
    gone.length ? [{ step, missing: gone.join(', '), ...(taken === undefined ? {} : { taken }) }] : [],
  );
  for (let step = saveSteps; step < last; step += saveSteps) {
    if (step > first && !listed.has(step)) gaps.push({ step, missing: 'all of it' });
  }
  return gaps.sort((a, b) => a.step - b.step);
}

/** What training to it is compared with is there. */
export const canBeCompared = ({ manifest, gone, damage }: KeptCheckpoint): boolean =>
  manifest !== undefined && damage === undefined && !gone.includes(WEIGHTS);
