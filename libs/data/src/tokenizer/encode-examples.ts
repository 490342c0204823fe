import { IGNORED_LABEL, TemperError, type Example } from '@temper/contracts';
import { LeftOut } from './chat/left-out.js';
import { renderConversation, type ChatNotes, type RenderedConversation } from './chat/render-conversation.js';
import { encodeSegments, type LabelledTokens } from './encode-segments.js';
import { conversationOf, segmentsOf } from './segments.js';
import type { LocalTokenizer } from './local-tokenizer.js';

/** What a language model learns of an example; why its template cannot write it; or why the run cannot go on. */
export type EncodedExample = (LabelledTokens & { readonly notes?: ChatNotes }) | LeftOut | TemperError;

type Encoder = Pick<
  LocalTokenizer,
  'encodeParts' | 'encodeCounted' | 'templateFor' | 'chatTemplate' | 'affixes' | 'eosTokenId'
>;

/** `at(i)` is called before example i is rendered, and `at(undefined)` when all are: the longest work goes by example. */
export async function encodeExamples(
  tokenizer: Encoder,
  examples: readonly Example[],
  at: (i: number | undefined) => void = () => undefined,
): Promise<EncodedExample[]> {
  const rendered = examples.map((example, i) => {
    at(i);
    return renderedExample(tokenizer, example);
  });
  at(undefined);
  const chats = rendered.filter(
    (one): one is RenderedConversation =>
      one !== undefined && !(one instanceof LeftOut) && !(one instanceof TemperError),
  );
  const written = (await tokenizer.encodeCounted(chats)).values();
  const plain = examples.filter((_, i) => rendered[i] === undefined).map(segmentsOf);
  const parts = (await encodeSegments(tokenizer, plain)).values();
  return rendered.map((one) => {
    if (one instanceof LeftOut || one instanceof TemperError) return one;
    if (!one) return ended(tokenizer, parts.next().value!);
    return { ...written.next().value!, notes: one.notes };
  });
}

function renderedExample(
  { templateFor, chatTemplate }: Encoder,
  example: Example,
): RenderedConversation | LeftOut | TemperError | undefined {
  const conversation = conversationOf(example, chatTemplate !== undefined);
  try {
    return conversation && renderConversation(templateFor(conversation), conversation);
  } catch (error) {
    if (error instanceof TemperError) return error;
    throw error;
  }
}

/** Without a template: what the model wants before a text (not learnt), and the token that ends it (learnt). */
function ended(
  { affixes: { prefix }, eosTokenId: end }: Encoder,
  { inputIds, labels }: LabelledTokens,
): LabelledTokens {
  const before = inputIds.length && prefix.every((id, i) => inputIds[i] === id) ? [] : prefix;
  const after = end === undefined || inputIds.at(-1) === end ? [] : [end];
  return {
    inputIds: [...before, ...inputIds, ...after],
    labels: [...before.map(() => IGNORED_LABEL), ...labels, ...after],
  };
}

/** For messages without a template that writes them. */
export const noTemplate = (): TemperError =>
  new TemperError('DATA_INVALID', {
    path: 'dataset.columns',
    message: 'the base model has no chat template, so messages cannot be written as it reads them',
    hint: 'use a chat model, or columns {prompt, completion} or {text}',
  });
