import { IGNORED_LABEL, TemperError, type Example } from '@temper/contracts';
import { encodeSegments, type LabelledTokens } from './encode-segments.js';
import type { LocalTokenizer } from './local-tokenizer.js';
import { segmentsOf, type Segment } from './segments.js';

/** What a language model learns of an example; where its template refuses it, why. */
export type EncodedExample = LabelledTokens | TemperError;

/** `at(i)` is called before example i is rendered, and `at(undefined)` when all are: the longest work goes by example. */
export async function encodeExamples(
  tokenizer: LocalTokenizer,
  examples: readonly Example[],
  at: (i: number | undefined) => void = () => undefined,
): Promise<EncodedExample[]> {
  const segments = examples.map((example, i): Segment[] | TemperError => {
    at(i);
    try {
      return segmentsOf(tokenizer, example);
    } catch (error) {
      if (error instanceof TemperError) return error;
      throw error;
    }
  });
  at(undefined);
  const written = segments.filter((of): of is Segment[] => !(of instanceof TemperError));
  const encoded = (await encodeSegments(tokenizer, written)).values();
  return segments.map((of, i) => {
    if (of instanceof TemperError) return of;
    const tokens = encoded.next().value!;
    return byTemplate(tokenizer, examples[i]!) ? tokens : ended(tokenizer, tokens);
  });
}

const byTemplate = ({ chatTemplate }: LocalTokenizer, { messages, text }: Example) =>
  messages !== undefined || (text === undefined && chatTemplate !== undefined);

/** Without a template: what the model wants before a text (not learnt), and the token that ends it (learnt). */
function ended(
  { affixes: { prefix }, eosTokenId: end }: LocalTokenizer,
  { inputIds, labels }: LabelledTokens,
): LabelledTokens {
  const before = inputIds.length && prefix.every((id, i) => inputIds[i] === id) ? [] : prefix;
  const after = end === undefined || inputIds.at(-1) === end ? [] : [end];
  return {
    inputIds: [...before, ...inputIds, ...after],
    labels: [...before.map(() => IGNORED_LABEL), ...labels, ...after],
  };
}
