import type { PromptedExample } from '@temper/data';

/** A token of sixteen texts costs little more than one of one: what takes the time is reading the weights. */
const MOST_TEXTS = 16;
/** Of prompts, with padding: attention over them takes memory by the square of their length. */
const MOST_PROMPT_TOKENS = 4096;
/** Of keys and values. */
const MOST_BYTES = 256 * 2 ** 20;

interface Costs {
  readonly maxNewTokens: number;
  /** Keys and values of one. */
  readonly bytesPerToken: number;
}

/** Indices of examples whose texts are written at once: those of like length, so that few wait for the others. */
export function writingBatches(
  examples: readonly Pick<PromptedExample, 'prompt' | 'answer'>[],
  { maxNewTokens, bytesPerToken }: Costs,
): number[][] {
  const length = (i: number) =>
    examples[i]!.prompt.length + Math.min(examples[i]!.answer.length, maxNewTokens);
  const order = [...examples.keys()].sort((a, b) => length(a) - length(b));
  const batches: number[][] = [];
  let longest = 0;
  for (const i of order) {
    longest = Math.max(longest, examples[i]!.prompt.length);
    const most = Math.min(
      MOST_TEXTS,
      MOST_PROMPT_TOKENS / longest,
      MOST_BYTES / (bytesPerToken * (longest + maxNewTokens)),
    );
    const batch = batches.at(-1);
    if (batch && batch.length + 1 <= most) batch.push(i);
    else {
      batches.push([i]);
      longest = examples[i]!.prompt.length;
    }
  }
  return batches;
}
