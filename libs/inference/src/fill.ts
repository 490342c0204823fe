import { IGNORED_LABEL, TemperError, type ModelMeta, type TokenizedSplit } from '@temper/contracts';
import { evaluationPlan, makeBatch, type Tokenizer } from '@temper/data';
import type { Reading, TaskDefinition } from '@temper/tasks';
import { batchFeeds, type Session } from '@temper/training';

const BATCH = 16;
/** Stands for the model's own mask token, whatever that is. */
const HIDDEN = '[MASK]';

/**
 * What the task reads from each hidden token of each text.
 * @throws TemperError DATA_INVALID for a text that hides none, or hides them beyond what the model reads
 */
export async function fillHidden(
  session: Session,
  tokenizer: Tokenizer,
  readHidden: NonNullable<TaskDefinition['readHidden']>,
  { maxLength }: Pick<ModelMeta, 'maxLength'>,
  texts: readonly string[],
): Promise<Reading[]> {
  const maskId = tokenizer.maskTokenId!;
  const mask = await tokenOf(tokenizer, maskId);
  const rows = await tokenizer.encodeBatch(
    texts.map((text) => text.replaceAll(HIDDEN, mask)),
    { maxLength },
  );
  rows.forEach((row, i) => {
    if (!row.includes(maskId)) throw nothingHidden(texts[i]!, mask, maxLength);
  });
  const fills: NonNullable<Reading['fills']>[] = [];
  const split = splitOf(rows, maskId);
  for (const indices of evaluationPlan(split, BATCH)) {
    const batch = makeBatch(split, indices, { padTokenId: tokenizer.padTokenId });
    const { logits } = await session.run(batchFeeds(batch), { logits: null });
    const data = logits!.data as Float32Array;
    const size = data.length / batch.counted;
    let row = 0;
    for (const example of indices) {
      const hidden = rows[example]!.filter((id) => id === maskId).length;
      const said = Array.from({ length: hidden }, () => readHidden(data.subarray(row * size, ++row * size)));
      fills[example] = await Promise.all(
        said.map((tokens) =>
          Promise.all(tokens.map(async ({ id, score }) => ({ token: await tokenOf(tokenizer, id), score }))),
        ),
      );
    }
  }
  return fills.map((of) => ({ fills: of }));
}

/** As text; what has none, as a special token, by its name. */
const tokenOf = async (tokenizer: Tokenizer, id: number): Promise<string> =>
  (await tokenizer.decode([id], { skipSpecialTokens: false })).trim();

/** The hidden tokens alone are looked at. */
function splitOf(rows: readonly (readonly number[])[], mask: number): TokenizedSplit {
  const inputIds = Int32Array.from(rows.flat());
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const labels = inputIds.map((id) => (id === mask ? 0 : IGNORED_LABEL));
  return { labelKind: 'masked', inputIds, labels, offsets };
}

const nothingHidden = (text: string, mask: string, maxLength: number) =>
  new TemperError('DATA_INVALID', {
    path: 'text',
    message: `no token of it is hidden, in the first ${maxLength} that the model reads`,
    found: JSON.stringify(text.slice(0, 60)),
    allowed: mask === HIDDEN ? HIDDEN : `${HIDDEN}, or the model's own ${mask}`,
    hint: 'put it where a word is to be filled in: "The capital of France is [MASK]."',
  });
