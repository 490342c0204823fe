import type { ModelMeta, TokenizedSplit } from '@temper/contracts';
import { evaluationPlan, makeBatch, type Tokenizer } from '@temper/data';
import { argmax } from '@temper/tasks';
import { batchFeeds, type Session } from '@temper/training';

export interface Classification {
  readonly label: string;
  /** By class; they add up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

const BATCH = 16;

/** Tokenised as the training texts were. Answers in the order of the texts. */
export async function classify(
  session: Session,
  tokenizer: Tokenizer,
  { labelNames, maxLength }: Pick<ModelMeta, 'labelNames' | 'maxLength'>,
  texts: readonly string[],
): Promise<Classification[]> {
  const rows = await tokenizer.encodeBatch(texts, { maxLength });
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const split: TokenizedSplit = {
    labelKind: 'class',
    inputIds: Int32Array.from(rows.flat()),
    labels: new Int32Array(rows.length),
    offsets,
  };
  const answers: Classification[] = [];
  for (const indices of evaluationPlan(split, BATCH)) {
    const batch = makeBatch(split, indices, { padTokenId: tokenizer.padTokenId });
    const { logits } = await session.run(batchFeeds(batch), { logits: null });
    indices.forEach((example, row) => {
      const from = row * labelNames.length;
      const scores = (logits!.data as Float32Array).subarray(from, from + labelNames.length);
      answers[example] = classificationOf(scores, labelNames);
    });
  }
  return answers;
}

function classificationOf(scores: Float32Array, labelNames: readonly string[]): Classification {
  const best = argmax(scores, 0, scores.length);
  // softmax, shifted by the largest score so that exp cannot overflow
  const powers = Array.from(scores, (score) => Math.exp(score - scores[best]!));
  const total = powers.reduce((a, b) => a + b, 0);
  const probabilities = labelNames.map((name, k) => [name, powers[k]! / total] as const);
  return { label: labelNames[best]!, probabilities: Object.fromEntries(probabilities) };
}
