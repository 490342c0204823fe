import { argmax } from '@temper/tasks';
import type { Decoder } from './decoder.js';

/** `end`: the model ended its answer; `length`: it was cut off at maxNewTokens; `positions`: the model has no more. */
export type Stopped = 'end' | 'length' | 'positions';

interface GreedyOptions {
  /** How many tokens the model can hold, prompt and answer together. */
  readonly positions: number;
  readonly maxNewTokens: number;
  /** Tokens at which an answer ends, themselves no part of it. */
  readonly ends: ReadonlySet<number>;
  /** What is written so far, after each token of those that go on. */
  readonly onToken?: (texts: readonly Written[]) => void | Promise<void>;
}

export interface Written {
  readonly written: readonly number[];
  readonly stopped: Stopped | undefined;
}

/** Always the likeliest token, after prompts of at least one, a sequence of `decoder` each, which is at its beginning. */
export async function writeOn(
  decoder: Pick<Decoder, 'readRows'>,
  prompts: readonly (readonly number[])[],
  { positions, maxNewTokens, ends, onToken }: GreedyOptions,
): Promise<(Written & { readonly stopped: Stopped })[]> {
  const texts = prompts.map((prompt) => {
    return { prompt, unread: prompt, written: [] as number[], stopped: undefined as Stopped | undefined };
  });
  for (;;) {
    for (const text of texts) {
      if (text.stopped) continue;
      if (text.written.length >= maxNewTokens) text.stopped = 'length';
      else if (text.prompt.length + text.written.length >= positions) text.stopped = 'positions';
    }
    if (texts.every(({ stopped }) => stopped)) break;
    const logits = await decoder.readRows(texts.map(({ unread, stopped }) => (stopped ? [] : unread)));
    for (const [i, text] of texts.entries()) {
      const row = logits[i];
      if (!row) continue;
      const next = argmax(row, 0, row.length);
      text.unread = [next];
      if (ends.has(next)) text.stopped = 'end';
      else text.written.push(next);
    }
    await onToken?.(texts);
  }
  return texts.map(({ written, stopped }) => ({ written, stopped: stopped! }));
}
