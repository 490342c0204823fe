import { IGNORED_LABEL, type ModelMeta, type TokenizedSplit } from '@temper/contracts';
import { evaluationPlan, makeBatch, type Tokenizer } from '@temper/data';
import type { Reading, TaskDefinition, Word } from '@temper/tasks';
import { batchFeeds, type Session } from '@temper/training';

const BATCH = 16;

/** Words and numbers with what joins them inside (`don't`, `U.S`), and each other character by itself. */
const wordsIn = (text: string): Word[] =>
  [...text.matchAll(/[\p{L}\p{M}\p{N}_]+(?:[-'’.][\p{L}\p{M}\p{N}_]+)*|\S/gu)].map(
    ({ 0: word, index: start }) => ({ start, end: start + word.length }),
  );

/** Words tokenised as those of the training rows were. Returns what the task reads from each text's words that fit. */
export async function tagWords(
  session: Session,
  tokenizer: Tokenizer,
  readWords: NonNullable<TaskDefinition['readWords']>,
  { labelNames, maxLength }: Pick<ModelMeta, 'labelNames' | 'maxLength'>,
  texts: readonly string[],
): Promise<Reading[]> {
  const words = texts.map(wordsIn);
  const encoded = await tokenizer.encodeWords(
    words.map((of, i) => of.map(({ start, end }) => texts[i]!.slice(start, end))),
  );
  const { suffix } = tokenizer.affixes;
  const rows = encoded.map(({ inputIds, starts }) => {
    const room = maxLength - suffix.length;
    const ids = inputIds.length > maxLength ? [...inputIds.slice(0, room), ...suffix] : inputIds;
    return { ids, starts: starts.filter((at) => at < room) };
  });
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach(({ ids }, i) => (offsets[i + 1] = offsets[i]! + ids.length));
  const labels = new Int32Array(offsets.at(-1)!).fill(IGNORED_LABEL);
  rows.forEach(({ starts }, i) => {
    for (const at of starts) if (at >= 0) labels[offsets[i]! + at] = 0;
  });
  const inputIds = Int32Array.from(rows.flatMap(({ ids }) => ids));
  const split: TokenizedSplit = { labelKind: 'tag', inputIds, labels, offsets };
  const readings: Reading[] = texts.map((text) => readWords(text, [], labelNames));
  for (const indices of evaluationPlan(split, BATCH)) {
    const batch = makeBatch(split, indices, { padTokenId: tokenizer.padTokenId });
    if (!batch.counted) continue;
    const { logits } = await session.run(batchFeeds(batch), { logits: null });
    const data = logits!.data as Float32Array;
    const size = data.length / batch.counted;
    let row = 0;
    for (const example of indices) {
      const read = rows[example]!.starts.flatMap((at, word) => (at < 0 ? [] : [words[example]![word]!]));
      const said = read.map((word) => ({ ...word, logits: data.subarray(row * size, ++row * size) }));
      readings[example] = readWords(texts[example]!, said, labelNames);
    }
  }
  return readings;
}
