import type { Example } from '@temper/contracts';
import type { FormExample } from '@temper/tasks/schema';
import { completionsOf } from '../formats/preference.js';
import { isEmptyMessage } from '../tokenizer/chat/written.js';

/** What cleaning, leaks and tokenising read of one kind of example. */
interface Content {
  /** All its text, U+001F between its parts: it is measured, shown and compared. */
  text(example: Example): string;
  /** What is said in it, by which rows are nearly equal; default: all its text. */
  said?(example: Example): string;
  /** Of rows that are tokenised already, which have no text. */
  tokens?(example: Example): readonly number[];
  /** Without something to learn from, or to learn. */
  isEmpty(example: Example): boolean;
  /** With a label that the row itself denies. */
  isContradictory?(example: Example): boolean;
  /** Texts of which each is a sequence by itself; default: one, its text. */
  sequences?(example: Example): readonly string[];
}

/** A kind that a form of columns makes and that has no entry is a type error. */
const contents: { readonly [K in FormExample]: Content } = {
  // Before the kinds of each of its completions.
  chosen: {
    text: (example) => joined(bothOf(example).map(textOf)),
    said: (example) => joined(bothOf(example).map(saidIn)),
    // A prompt can be empty where the completions begin otherwise.
    isEmpty: (example) =>
      bothOf(example).some((side) => (side.messages ? isEmpty(side) : isBlank(side.completion ?? ''))),
    // One answer that is better than itself.
    isContradictory: (example) => new Set(bothOf(example).map(textOf)).size === 1,
  },
  messages: {
    text: ({ messages = [], tools }) => {
      const parts = messages.map(({ role, content, json }) =>
        joined([role, content, ...(json ? [json] : [])]),
      );
      return joined([...parts, ...(tools ? [tools] : [])]);
    },
    said: ({ messages = [] }) => joined(messages.map(({ content }) => content)),
    isEmpty: ({ messages = [] }) =>
      messages.every((message) => message.role !== 'assistant' || isEmptyMessage(message)),
  },
  tokens: {
    text: ({ tokens = [] }) => tokens.join(' '),
    isEmpty: ({ tokens = [], tags = [] }) => tokens.every(isBlank) || tags.some(isBlank),
  },
  anchor: severalTexts(({ anchor, positive, negative }) => [anchor, positive, negative]),
  sentence1: severalTexts(
    ({ sentence1, sentence2 }) => [sentence1, sentence2],
    ({ score = '' }) => isBlank(score),
  ),
  question: {
    text: ({ question = '', context = '' }) => joined([question, context]),
    // Many questions share a passage, and many passages a question: nearly equal are those that are asked the same about the same words.
    said: ({ question = '', context = '', answers: [answer] = [] }) => {
      const [start, end] = answer ? [answer.start, answer.start + answer.text.length] : [0, AROUND];
      return joined([question, context.slice(Math.max(0, start - AROUND), end + AROUND)]);
    },
    isEmpty: ({ question = '', context = '' }) => isBlank(question) || isBlank(context),
  },
  text: {
    text: ({ text = '' }) => text,
    isEmpty: ({ text = '', label }) => isBlank(text) || (label !== undefined && isBlank(label)),
  },
  prompt: {
    text: ({ prompt = '', completion = '' }) => joined([prompt, completion]),
    isEmpty: ({ prompt = '', completion = '' }) => isBlank(prompt) || isBlank(completion),
  },
  inputIds: { text: () => '', tokens: ({ inputIds = [] }) => inputIds, isEmpty: () => false },
};

/** Characters on both sides of an answer: a dozen words. */
const AROUND = 60;

const kinds = Object.keys(contents) as FormExample[];

/** @throws RangeError for what no form of columns makes */
function contentOf(example: Example): Content {
  const kind = kinds.find((field) => example[field] !== undefined);
  if (!kind) throw new RangeError(`an example of no kind: ${Object.keys(example).join(', ')}`);
  return contents[kind];
}

export const textOf = (example: Example): string => contentOf(example).text(example);
export const isEmpty = (example: Example): boolean => contentOf(example).isEmpty(example);
export const isContradictory = (example: Example): boolean =>
  contentOf(example).isContradictory?.(example) ?? false;
export const tokensOf = (example: Example): readonly number[] | undefined =>
  contentOf(example).tokens?.(example);

export function saidIn(example: Example): string {
  const content = contentOf(example);
  return (content.said ?? content.text)(example);
}

export const sequencesIn = (example: Example): readonly string[] =>
  contentOf(example).sequences?.(example) ?? [textOf(example)];

function severalTexts(
  of: (example: Example) => readonly (string | undefined)[],
  isUnlabelled: (example: Example) => boolean = () => false,
): Content {
  const sequences = (example: Example) => of(example).filter((text) => text !== undefined);
  return {
    text: (example) => joined(sequences(example)),
    isEmpty: (example) => sequences(example).some(isBlank) || isUnlabelled(example),
    sequences,
  };
}

const bothOf = (example: Example): readonly Example[] => completionsOf(example)!;
const joined = (parts: readonly string[]): string => parts.join('\u001f');
const isBlank = (part: string): boolean => !part.trim();
