import { IGNORED_LABEL, type TokenizedSplit } from '@temper/contracts';
import { permutation, site } from '../random.js';
import { examplesOf } from './examples.js';

/** An example of a language model, cut where its answer begins. */
export interface PromptedExample {
  readonly row: number;
  readonly prompt: readonly number[];
  /** The tokens that count next to each other: of a conversation the first answer. */
  readonly answer: readonly number[];
}

/** Where the answer of a row begins; undefined where nothing counts, or the first token does: there is nothing to go on from. */
function answerOf({ labels, offsets }: TokenizedSplit, row: number): number | undefined {
  const [from, to] = [offsets[row]!, offsets[row + 1]!];
  let begin = from;
  while (begin < to && labels[begin] === IGNORED_LABEL) begin++;
  return begin === from || begin === to ? undefined : begin;
}

function promptedExample(split: TokenizedSplit, row: number): PromptedExample {
  const { inputIds, labels, offsets } = split;
  const [from, to, begin] = [offsets[row]!, offsets[row + 1]!, answerOf(split, row)!];
  let end = begin;
  while (end < to && labels[end] !== IGNORED_LABEL) end++;
  return {
    row,
    prompt: Array.from(inputIds.subarray(from, begin)),
    answer: Array.from(labels.subarray(begin, end)),
  };
}

/**
 * Examples of a split of one sequence each that have a prompt, in their order, at most so many. Which of them are taken depends on their number alone: runs
 * over the same split are compared on the same.
 */
export function promptedExamples(split: TokenizedSplit, most: number): readonly PromptedExample[] {
  const rows = Array.from({ length: examplesOf(split) }, (_, row) => row);
  const prompted = rows.filter((row) => answerOf(split, row) !== undefined);
  const chosen =
    prompted.length <= most
      ? prompted
      : Array.from(permutation(prompted.length, site.generation).slice(0, most).sort(), (k) => prompted[k]!);
  return chosen.map((row) => promptedExample(split, row));
}
