import type { AnswerSpan, Example, Passage } from '@temper/contracts';
import { cutPair, type EncodedPair } from '../tokenizer/encode-pairs.js';

/** A question and its context, as they are fed, with the tokens of the first answer; or how many tokens that would take. */
export type FoundSpan =
  | {
      readonly pair: Pick<EncodedPair, 'inputIds' | 'tokenTypes'> & { readonly passage: Passage };
      readonly labels: readonly [first: number, last: number];
    }
  | { readonly needed: number };

/**
 * The tokens from the last one that begins at or before the first answer to the first one that ends at or behind its end, as
 * transformers' run_qa.py has it. Without an answer the first token of all stands for it.
 */
export function spanOf(whole: EncodedPair, example: Example, maxLength: number): FoundSpan {
  const { answers = [], context = '' } = example;
  const around = whole.inputIds.length - whole.starts.length;
  const span = answers[0] && tokensOf(whole, answers[0]);
  const pair = cutPair(whole, maxLength);
  const last = span?.[1] ?? 0;
  if (!pair || last >= pair.starts.length) return { needed: around + last + 1 };
  const { starts, ends, first, inputIds, tokenTypes } = pair;
  const passage = {
    ...{ text: context.slice(0, ends.at(-1)), first, starts, ends },
    answers: answers.map(({ text }) => text),
  };
  const labels = span ? ([first + span[0], first + span[1]] as const) : ([0, 0] as const);
  return { pair: { inputIds, tokenTypes, passage }, labels };
}

function tokensOf({ starts, ends }: EncodedPair, { text, start }: AnswerSpan): readonly [number, number] {
  const end = start + text.length;
  const first = starts.findLastIndex((at) => at <= start);
  const last = ends.findIndex((at) => at >= end);
  // An answer of white space behind the last token.
  const within = (token: number) => (token < 0 ? Math.max(0, starts.length - 1) : token);
  return [Math.min(within(first), within(last)), within(last)];
}
