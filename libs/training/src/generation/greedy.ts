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
  /** The tokens so far, after each. */
  readonly onToken?: (written: readonly number[]) => void | Promise<void>;
}

/** Always the likeliest token, after a prompt of at least one. `decoder` is at its beginning. */
export async function writeOn(
  decoder: Pick<Decoder, 'read'>,
  prompt: readonly number[],
  { positions, maxNewTokens, ends, onToken }: GreedyOptions,
): Promise<{ readonly written: readonly number[]; readonly stopped: Stopped }> {
  const written: number[] = [];
  let unread = prompt;
  while (written.length < maxNewTokens) {
    if (prompt.length + written.length >= positions) return { written, stopped: 'positions' };
    const logits = await decoder.read(unread);
    const next = argmax(logits, 0, logits.length);
    unread = [next];
    if (ends.has(next)) return { written, stopped: 'end' };
    written.push(next);
    await onToken?.(written);
  }
  return { written, stopped: 'length' };
}
