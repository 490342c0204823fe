import { TemperError, type ModelMeta, type TokenizedSplit } from '@temper/contracts';
import { cutPair, evaluationPlan, makeBatch, type TextPair, type Tokenizer } from '@temper/data';
import type { Reading, TaskDefinition } from '@temper/tasks';
import { batchFeeds, type Session } from '@temper/training';

const BATCH = 16;

/**
 * What the task reads of each question and the text that it is about, of which as much is looked at as a training row could have.
 * @throws TemperError DATA_INVALID for a question that leaves no room for the text
 */
export async function findAnswers(
  session: Session,
  tokenizer: Tokenizer,
  readSpan: NonNullable<TaskDefinition['readSpan']>,
  { maxLength }: Pick<ModelMeta, 'maxLength'>,
  asked: readonly TextPair[],
): Promise<Reading[]> {
  const pairs = (await tokenizer.encodePairs(asked)).map((pair, i) => {
    const cut = cutPair(pair, maxLength);
    if (!cut) throw noRoom(asked[i]!, pair.inputIds.length - pair.starts.length, maxLength);
    return cut;
  });
  const offsets = new Int32Array(pairs.length + 1);
  pairs.forEach(({ inputIds }, i) => (offsets[i + 1] = offsets[i]! + inputIds.length));
  const split: TokenizedSplit = {
    labelKind: 'span',
    inputIds: Int32Array.from(pairs.flatMap(({ inputIds }) => inputIds)),
    tokenTypes: Int32Array.from(pairs.flatMap(({ tokenTypes }) => tokenTypes)),
    labels: new Int32Array(2 * pairs.length),
    offsets,
  };
  const readings: Reading[] = [];
  for (const indices of evaluationPlan(split, BATCH)) {
    const batch = makeBatch(split, indices, { padTokenId: tokenizer.padTokenId });
    const { logits } = await session.run(batchFeeds(batch), { logits: null });
    const data = logits!.data as Float32Array;
    let row = 0;
    for (const example of indices) {
      const pair = pairs[example]!;
      const own = data.subarray(2 * row, 2 * (row += pair.inputIds.length));
      readings[example] = readSpan(own, { ...pair, text: asked[example]!.context });
    }
  }
  return readings;
}

const noRoom = ({ question, context }: TextPair, tokens: number, maxLength: number) =>
  new TemperError('DATA_INVALID', {
    path: context.trim() ? 'question' : 'context',
    message: context.trim()
      ? 'the question leaves no room for the text that it is about'
      : 'there is nothing in the text that the question is about',
    found: context.trim() ? `${tokens} tokens: ${JSON.stringify(question.slice(0, 60))}` : '""',
    allowed: context.trim() ? `fewer than ${maxLength}, both together` : 'a text',
  });
