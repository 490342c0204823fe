import { type ArtifactRef, type Digest, TemperError, type TokenizedSplit } from '@temper/contracts';
import { evaluationPlan, examplesOf, makeBatch } from '@temper/data';
import { type ArtifactStore, digestOf, StageCache, stageKey } from '@temper/storage';
import { fitting } from '../evaluation.js';
import type { TrainableModel } from '../model.js';
import { contentOf } from './measured-on.js';

/** Raise it where equal graphs and rows are computed otherwise than before. */
const CODE = 'reference/1';
const STAGE = 'reference';
const FILE = 'reference.f32';
/** Not what the spec says: numbers are those of every training of the same rows. */
const AT_ONCE = 16;

interface ReferenceInputs {
  readonly artifacts: ArtifactStore;
  /** Of the model before training, and all that decides how it is computed. */
  readonly side: Digest;
  readonly settings: unknown;
  readonly padTokenId: number;
  /** The model before training; its graph is loaded only where nothing is kept. */
  open(): Promise<{ readonly model: TrainableModel; release(): Promise<void> }>;
  /** After each batch: examples done, of all. @throws where the job is to end */
  onBatch(done: number, examples: number): void;
}

/**
 * The split with ln p of both completions of each pair by the model before training: computed once, in one order and the same batches
 * whatever the spec says of these, and kept for every training and every resume.
 */
export async function withReference(split: TokenizedSplit, inputs: ReferenceInputs): Promise<TokenizedSplit> {
  const { artifacts, side, settings, padTokenId } = inputs;
  const cache = new StageCache(artifacts.store);
  const key = stageKey({
    code: CODE,
    inputs: [side, digestOf(contentOf(split))],
    spec: { settings, padTokenId },
  });
  const kept = await cache.get<ArtifactRef<'evaluation'>>(STAGE, key);
  const found = kept && (await readKept(artifacts, kept, examplesOf(split)));
  if (found) return { ...split, reference: found };
  const { model, release } = await inputs.open();
  const reference = await logProbabilities(model, split, inputs);
  await release();
  const files = { [FILE]: new Uint8Array(reference.buffer) };
  const meta = { labelKind: split.labelKind, rows: examplesOf(split) };
  // Over what cannot be read.
  const ref = await artifacts.putArtifact('evaluation', files, meta, { rewrite: kept !== undefined });
  await cache.put(STAGE, key, ref);
  return { ...split, reference };
}

/** [examples, 2]: against a reference of zeros the ratios of an evaluation are the log probabilities themselves. */
async function logProbabilities(
  model: TrainableModel,
  split: TokenizedSplit,
  { padTokenId, onBatch }: Pick<ReferenceInputs, 'padTokenId' | 'onBatch'>,
): Promise<Float32Array> {
  const examples = examplesOf(split);
  const reference = new Float32Array(2 * examples);
  let done = 0;
  for (const planned of evaluationPlan(split, AT_ONCE)) {
    for (const indices of fitting(planned, split)) {
      const { outputs } = await model.evaluate(makeBatch(split, indices, { padTokenId }));
      indices.forEach((example, i) =>
        reference.set(outputs.logRatios!.subarray(2 * i, 2 * i + 2), 2 * example),
      );
      done += indices.length;
      onBatch(done, examples);
    }
  }
  return reference;
}

/** Undefined where it is damaged. */
async function readKept(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'evaluation'>,
  examples: number,
): Promise<Float32Array | undefined> {
  try {
    const bytes = await artifacts.readFile(ref, FILE);
    return bytes.length === 8 * examples ? new Float32Array(Uint8Array.from(bytes).buffer) : undefined;
  } catch (error) {
    if (error instanceof TemperError && error.code !== 'STORE_UNAVAILABLE') return undefined;
    throw error;
  }
}
