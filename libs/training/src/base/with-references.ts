import type { SplitName } from '@temper/contracts';
import type { PipelineSpec } from '@temper/spec';
import type { ArtifactStore } from '@temper/storage';
import type { Built } from '../build.js';
import type { Job } from '../job.js';
import type { BaseSide } from './base-side.js';
import { withReference } from './reference.js';

interface Referenced<B> {
  readonly built: B;
  /** The model before training, as evaluations by this spec have it. */
  base(spec: PipelineSpec): BaseSide;
  /** The splits that are read. */
  readonly of: readonly SplitName[];
}

/** What losses compare with the model before training is known before the first step. */
export async function withReferences<B extends Built>(
  { spec, baseModel, provider }: Job,
  artifacts: ArtifactStore,
  { built, base, of }: Referenced<B>,
): Promise<B> {
  if (!built.model.graphs.lossInputs.includes('reference')) return built;
  // Log probabilities are the same at every β.
  const { digest: side, open } = base({ ...spec, training: { ...spec.training, beta: undefined } });
  const { padTokenId, threads } = built;
  const settings = { model: baseModel.digest, provider, threads };
  const splits = { ...built.splits };
  for (const name of of) {
    const split = splits[name];
    if (split) splits[name] = await withReference(split, { artifacts, side, settings, padTokenId, open });
  }
  return { ...built, splits };
}
