import type { Cell } from './cell.js';

/**
 * An instruction and its input as one prompt, with the words of Stanford Alpaca (its train.py, PROMPT_DICT), which models
 * trained on such data elsewhere have seen. Without an input it is the form without.
 */
const alpacaPrompt = (instruction: string, input: string): string =>
  input.trim()
    ? 'Below is an instruction that describes a task, paired with an input that provides further context. ' +
      'Write a response that appropriately completes the request.\n\n' +
      `### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:`
    : 'Below is an instruction that describes a task. ' +
      'Write a response that appropriately completes the request.\n\n' +
      `### Instruction:\n${instruction}\n\n### Response:`;

/** The cells of a prompt and a completion, of those of an instruction, its input and its output, which are texts. */
export function pairOfAlpaca([instruction, input, output]: readonly Cell[]): readonly Cell[] {
  return [alpacaPrompt((instruction as string | null) ?? '', (input as string | null) ?? ''), output!];
}
