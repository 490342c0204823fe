import { TemperError, type ChatMessage } from '@temper/contracts';
import { answerEnds, type Tokenizer } from '@temper/data';
import { writeOn, type Decoder, type Stopped } from '@temper/training';
import { TextSoFar } from './text-so-far.js';

export interface GenerateOptions {
  /** Default 256. */
  readonly maxNewTokens?: number;
  /** The text so far, after each token. */
  readonly onText?: (text: string) => void;
}

export interface Generation {
  readonly text: string;
  readonly tokens: number;
  readonly stopped: Stopped;
}

/** A text to go on from (a user's message, where the model has a chat template), or a whole conversation. */
export type Prompt = string | readonly ChatMessage[];

/**
 * Greedy decoding. `decoder` is at its beginning.
 * `positions`: how many tokens the model can hold, prompt and answer together.
 * @throws TemperError DATA_INVALID for a prompt that leaves no position for an answer
 */
export async function generate(
  decoder: Pick<Decoder, 'readRows'>,
  tokenizer: Tokenizer,
  positions: number,
  prompt: Prompt,
  { maxNewTokens = 256, onText }: GenerateOptions,
): Promise<Generation> {
  const ids = await promptIds(tokenizer, prompt);
  if (ids.length === 0 || ids.length >= positions) throw promptRefused(ids.length, positions);
  const ends = await answerEnds(tokenizer);
  const soFar = new TextSoFar(tokenizer);
  const [answer] = await writeOn(decoder, [ids], {
    ...{ positions, maxNewTokens, ends },
    ...(onText && {
      onToken: async ([text]) => {
        if (!text!.stopped) onText(await soFar.of(text!.written));
      },
    }),
  });
  const { written, stopped } = answer!;
  return { text: await tokenizer.decode(written), tokens: written.length, stopped };
}

function promptRefused(tokens: number, positions: number): TemperError {
  return new TemperError('DATA_INVALID', {
    path: 'prompt',
    message: tokens ? 'the prompt is longer than the model can read' : 'the prompt has no tokens',
    found: `${tokens} tokens`,
    allowed: `1 to ${positions - 1}, so that an answer has a place`,
  });
}

async function promptIds(tokenizer: Tokenizer, prompt: Prompt): Promise<number[]> {
  if (typeof prompt === 'string' && tokenizer.chatTemplate === undefined) return tokenizer.encode(prompt);
  const messages = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  const chat = await tokenizer.renderChat(messages, { addGenerationPrompt: true });
  return tokenizer.encode(chat, { addSpecialTokens: false });
}
