import type { ModelMeta, TokenizedSplit } from '@temper/contracts';
import { evaluationPlan, makeBatch, type Tokenizer } from '@temper/data';
import type { Reading, TaskDefinition } from '@temper/tasks';
import { batchFeeds, type Session } from '@temper/training';

const BATCH = 16;

/** Tokenised as the training texts were. Returns what the task reads from each text's logits, in the order of the texts. */
export async function classify(
  session: Session,
  tokenizer: Tokenizer,
  { read }: Pick<TaskDefinition, 'read'>,
  { labelNames, maxLength }: Pick<ModelMeta, 'labelNames' | 'maxLength'>,
  texts: readonly string[],
): Promise<Reading[]> {
  const rows = await tokenizer.encodeBatch(texts, { maxLength });
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const split: TokenizedSplit = {
    labelKind: 'class',
    inputIds: Int32Array.from(rows.flat()),
    labels: new Int32Array(rows.length),
    offsets,
  };
  const answers: Reading[] = [];
  for (const indices of evaluationPlan(split, BATCH)) {
    const batch = makeBatch(split, indices, { padTokenId: tokenizer.padTokenId });
    const { logits } = await session.run(batchFeeds(batch), { logits: null });
    const data = logits!.data as Float32Array;
    const size = data.length / indices.length;
    indices.forEach((example, row) => {
      answers[example] = read!(data.subarray(row * size, (row + 1) * size), labelNames);
    });
  }
  return answers;
}
