import type { SplitName } from '@temper/contracts';
import { examplesOf } from '@temper/data';
import type { ArtifactStore } from '@temper/storage';
import type { Built } from '../build.js';
import type { Job, TrainerEvent } from '../job.js';
import { Interrupted } from '../loop/interrupted.js';
import { Progress } from '../loop/progress.js';
import type { BaseSide } from './base-side.js';
import { withReference } from './reference.js';

export interface ReferencePorts {
  readonly artifacts: ArtifactStore;
  readonly report: (event: TrainerEvent) => void;
  readonly interrupted?: (step: number) => boolean;
}

interface Referenced<B> {
  readonly built: B;
  /** The model before training. */
  base(): BaseSide;
  /** The splits that are read. */
  readonly of: readonly SplitName[];
}

/**
 * What losses compare with the model before training is known before the first step. Of a large split that takes as long as evaluating it:
 * it is told batch by batch, and ends where the job is asked to.
 * @throws Interrupted
 */
export async function withReferences<B extends Omit<Built, 'graphs'>>(
  { baseModel, provider }: Job,
  { artifacts, report, interrupted }: ReferencePorts,
  { built, base, of }: Referenced<B>,
): Promise<B> {
  if (!built.model.graphs.lossInputs.includes('reference')) return built;
  const { digest: side, open } = base();
  const { padTokenId, threads } = built;
  const settings = { model: baseModel.digest, provider, threads };
  const splits = { ...built.splits };
  for (const name of of) {
    const split = splits[name];
    if (!split) continue;
    const progress = new Progress(report, examplesOf(split));
    const onBatch = (done: number) => {
      progress.phase('reference', done);
      if (interrupted?.(0)) throw new Interrupted(0);
    };
    splits[name] = await withReference(split, { artifacts, side, settings, padTokenId, open, onBatch });
  }
  return { ...built, splits };
}
