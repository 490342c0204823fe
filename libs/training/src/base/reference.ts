import { type ArtifactRef, type Digest, TemperError, type TokenizedSplit } from '@temper/contracts';
import { evaluationPlan, examplesOf, makeBatch } from '@temper/data';
import { type ArtifactStore, digestOf, StageCache, stageKey } from '@temper/storage';
import { fitting } from '../evaluation.js';
import type { TrainableModel } from '../model.js';
import { contentOf } from './measured-on.js';

/** Raise it where equal graphs and rows are computed otherwise than before. */
const CODE = 'reference/2';
const STAGE = 'reference';
const FILE = 'reference.f32';
/** Not what the spec says: numbers are those of every training of the same rows. */
const AT_ONCE = 16;
/** Examples that are kept together: whole batches. */
const PART = 64 * AT_ONCE;

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
 * whatever the spec says of these, and kept for every training and every resume, part by part: who is stopped in between loses a part
 * at most.
 */
export async function withReference(split: TokenizedSplit, inputs: ReferenceInputs): Promise<TokenizedSplit> {
  const { artifacts, side, settings, padTokenId, onBatch } = inputs;
  const examples = examplesOf(split);
  const cache = new StageCache(artifacts.store);
  const content = digestOf(contentOf(split));
  const reference = new Float32Array(2 * examples);
  let opened: Awaited<ReturnType<ReferenceInputs['open']>> | undefined;
  let done = 0;
  try {
    for (const [part, indices] of evaluationPlan(split, PART).entries()) {
      const key = stageKey({ code: CODE, inputs: [side, content], spec: { settings, padTokenId, part } });
      const kept = await cache.get<ArtifactRef<'evaluation'>>(STAGE, key);
      let numbers = kept && (await readKept(artifacts, kept, indices.length));
      if (!numbers) {
        opened ??= await inputs.open();
        const before = done;
        const onPart = (of: number) => onBatch(before + of, examples);
        numbers = await logProbabilities(opened.model, split, indices, { padTokenId, onPart });
        const files = { [FILE]: new Uint8Array(numbers.buffer) };
        const meta = { labelKind: split.labelKind, rows: indices.length };
        // Over what cannot be read.
        const ref = await artifacts.putArtifact('evaluation', files, meta, { rewrite: kept !== undefined });
        await cache.put(STAGE, key, ref);
      }
      put(numbers, indices, reference);
      done += indices.length;
    }
  } finally {
    await opened?.release();
  }
  return { ...split, reference };
}

/** Two numbers of each of these examples, to the places of theirs among all. */
const put = (numbers: Float32Array, indices: Int32Array, into: Float32Array): void =>
  indices.forEach((example, i) => into.set(numbers.subarray(2 * i, 2 * i + 2), 2 * example));

interface PartOptions {
  readonly padTokenId: number;
  /** After each batch: examples of the part done. */
  onPart(done: number): void;
}

/** [examples of the part, 2]: against a reference of zeros the ratios of an evaluation are the log probabilities themselves. */
async function logProbabilities(
  model: TrainableModel,
  split: TokenizedSplit,
  part: Int32Array,
  { padTokenId, onPart }: PartOptions,
): Promise<Float32Array> {
  const numbers = new Float32Array(2 * part.length);
  let done = 0;
  for (let from = 0; from < part.length; from += AT_ONCE) {
    for (const indices of fitting(part.subarray(from, from + AT_ONCE), split)) {
      const { outputs } = await model.evaluate(makeBatch(split, indices, { padTokenId }));
      numbers.set(outputs.logRatios!, 2 * done);
      done += indices.length;
      onPart(done);
    }
  }
  return numbers;
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
