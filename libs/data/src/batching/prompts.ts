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

/** Undefined where nothing counts, or the first token does: there is nothing to go on from. */
function promptedExample({ inputIds, labels, offsets }: TokenizedSplit, row: number) {
  const [from, to] = [offsets[row]!, offsets[row + 1]!];
  let begin = from;
  while (begin < to && labels[begin] === IGNORED_LABEL) begin++;
  if (begin === from || begin === to) return undefined;
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
  const rows = Array.from({ length: examplesOf(split) }, (_, row) => promptedExample(split, row));
  const prompted = rows.filter((example) => example !== undefined);
  if (prompted.length <= most) return prompted;
  const chosen = permutation(prompted.length, site.generation).slice(0, most).sort();
  return Array.from(chosen, (k) => prompted[k]!);
}
