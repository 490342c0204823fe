import type { Tokenizer } from '@temper/data';
import { exampleFeeds } from '../batch-feeds.js';
import { argmax } from '../metrics/classification.js';
import type { Session } from '../session.js';

export interface GenerateOptions {
  /** Default 256. */
  readonly maxNewTokens?: number;
  /** The text so far, after each token. */
  readonly onText?: (text: string) => void;
}

export interface Generation {
  readonly text: string;
  readonly tokens: number;
  /** `end`: the model ended its answer; `length`: it was cut off at maxNewTokens. */
  readonly stopped: 'end' | 'length';
}

/** Greedy decoding. Every token runs the forward graph on the whole sequence, with logits at its last place only. */
export async function generate(
  session: Session,
  tokenizer: Tokenizer,
  prompt: string,
  { maxNewTokens = 256, onText }: GenerateOptions,
): Promise<Generation> {
  const ids = await promptIds(tokenizer, prompt);
  const written: number[] = [];
  const text = () => tokenizer.decode(written);
  while (written.length < maxNewTokens) {
    const next = await nextToken(session, [...ids, ...written]);
    if (next === tokenizer.eosTokenId) return { text: await text(), tokens: written.length, stopped: 'end' };
    written.push(next);
    if (onText) onText(await text());
  }
  return { text: await text(), tokens: written.length, stopped: 'length' };
}

async function promptIds(tokenizer: Tokenizer, prompt: string): Promise<number[]> {
  if (tokenizer.chatTemplate === undefined) return tokenizer.encode(prompt);
  const chat = await tokenizer.renderChat([{ role: 'user', content: prompt }], { addGenerationPrompt: true });
  return tokenizer.encode(chat, { addSpecialTokens: false });
}

async function nextToken(session: Session, ids: readonly number[]): Promise<number> {
  const { logits } = await session.run(exampleFeeds(ids, [ids.length - 1]), { logits: null });
  return argmax(logits!.data as Float32Array, 0, logits!.data.length);
}
