import { IGNORED_LABEL, type Masking, type TokenizedSplit } from '@temper/contracts';
import { site, uniform } from '../random.js';

/** What is decided on by the spec: `training.mlmProbability`, `training.seed`. */
interface Chance {
  readonly masking: Masking;
  readonly probability: number;
}

/** Of the hidden tokens (Devlin et al. 2018, §3.1; transformers' DataCollatorForLanguageModeling). */
const MASKED = 0.8;
const RANDOM = 0.1;

/** The training split as an epoch hides its tokens: other ones in each, the same ones whenever that epoch comes again. */
export const maskedForEpoch = (
  split: TokenizedSplit,
  chance: Chance,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): TokenizedSplit => masked(split, chance, [site.mask, seed, epoch]);

/** A split to measure on: the same tokens are hidden from every model, whatever its seed. */
export const maskedHeldOut = (split: TokenizedSplit, chance: Chance): TokenizedSplit =>
  masked(split, chance, [site.heldOutMask]);

/**
 * Each token that may be hidden is so with the given probability, and a text without any loses the one whose draw is lowest, as at
 * least one is hidden in BERT's own create_pretraining_data.py. What is drawn is a pure function of the stream, the example and the
 * position in it: batches, packed rows and restarts change nothing. Labels stay where a token is hidden.
 */
function masked(
  split: TokenizedSplit,
  { masking, probability }: Chance,
  stream: readonly number[],
): TokenizedSplit {
  const { offsets } = split;
  const inputIds = split.inputIds.slice();
  const labels = new Int32Array(split.labels.length).fill(IGNORED_LABEL);
  const ordinary = ordinaryTokens(masking);
  const hide = (example: number, at: number) => {
    const draw = (n: number) => uniform(...stream, example, at - offsets[example]!, n);
    const how = draw(1);
    labels[at] = split.labels[at]!;
    if (how < MASKED) inputIds[at] = masking.maskTokenId;
    else if (how < MASKED + RANDOM) inputIds[at] = ordinary[Math.floor(draw(2) * ordinary.length)]!;
  };
  for (let example = 0; example + 1 < offsets.length; example++) {
    let lowest: { readonly at: number; readonly draw: number } | undefined;
    for (let at = offsets[example]!; at < offsets[example + 1]!; at++) {
      if (split.labels[at] === IGNORED_LABEL) continue;
      const draw = uniform(...stream, example, at - offsets[example]!, 0);
      if (draw < probability) hide(example, at);
      if (!lowest || draw < lowest.draw) lowest = { at, draw };
    }
    if (lowest && lowest.draw >= probability) hide(example, lowest.at);
  }
  return { ...split, inputIds, labels };
}

function ordinaryTokens({ vocabulary, specialTokenIds }: Masking): Int32Array {
  const special = new Set(specialTokenIds);
  return Int32Array.from({ length: vocabulary }, (_, id) => id).filter((id) => !special.has(id));
}
