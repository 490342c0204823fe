import { IGNORED_LABEL, TemperError } from '@temper/contracts';
import { LeftOut } from './chat/left-out.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * The tokens at which an answer ends: all that the model's files name, and what its chat template closes an answer with,
 * which is what was learnt (a base model's files may name the end of a text alone).
 */
export async function answerEnds(tokenizer: Tokenizer): Promise<ReadonlySet<number>> {
  const ends = new Set(tokenizer.generationEnds);
  if (tokenizer.chatTemplate === undefined) return ends;
  const [encoded] = await tokenizer.encodeExamples([{ prompt: 'a', completion: 'b' }]);
  if (!encoded || encoded instanceof LeftOut || encoded instanceof TemperError) return ends;
  for (const label of encoded.labels) {
    if (label === IGNORED_LABEL || !(await isSpecial(tokenizer, label))) continue;
    return ends.add(label);
  }
  return ends;
}

/** Left out of a text that is decoded without special tokens. */
const isSpecial = async (tokenizer: Tokenizer, id: number): Promise<boolean> =>
  !(await tokenizer.decode([id])) && Boolean(await tokenizer.decode([id], { skipSpecialTokens: false }));
