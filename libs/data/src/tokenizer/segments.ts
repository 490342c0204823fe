import { TemperError, type ChatMessage, type Example } from '@temper/contracts';
import type { LocalTokenizer } from './local-tokenizer.js';

/** A stretch of a training text; the tokens of a counted one are what the model learns to write. */
export interface Segment {
  readonly text: string;
  readonly counted: boolean;
}

/**
 * A conversation as the model's template writes it. Counted is all that is written for each assistant's message, its
 * closing included; what opens it (`<|im_start|>assistant\n`), other messages and a default system message are not.
 */
export function chatSegments(
  tokenizer: Pick<LocalTokenizer, 'renderChat'>,
  messages: readonly ChatMessage[],
): Segment[] {
  const full = tokenizer.renderChat(messages);
  const segments: Segment[] = [];
  let done = 0;
  for (const [i, { role }] of messages.entries()) {
    if (role !== 'assistant') continue;
    const opened = tokenizer.renderChat(messages.slice(0, i), { addGenerationPrompt: true });
    const closed = tokenizer.renderChat(messages.slice(0, i + 1));
    // A template may open an answer with more than it writes of a finished one: what both have is not learnt.
    const start = Math.max(done, commonPrefix(opened, full));
    if (!full.startsWith(closed) || start > closed.length) throw rewritten(i);
    segments.push({ text: full.slice(done, start), counted: false });
    segments.push({ text: full.slice(start, closed.length), counted: true });
    done = closed.length;
  }
  segments.push({ text: full.slice(done), counted: false });
  return segments.filter(({ text }) => text);
}

function commonPrefix(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

const rewritten = (i: number) =>
  new TemperError('DATA_INVALID', {
    path: 'dataset.columns',
    message: `the model's chat template writes message ${i + 1} differently once others follow it`,
    hint: 'give one answer a row: split conversations into rows that end with the answer to learn',
  });

/** The segments of a row with a prompt, messages or plain text; without a template they end with the end-of-text token. */
export function segmentsOf(
  tokenizer: Pick<LocalTokenizer, 'renderChat' | 'chatTemplate'>,
  { messages, prompt, completion, text }: Example,
): Segment[] {
  if (messages) return chatSegments(tokenizer, messages);
  if (text !== undefined) return [{ text, counted: true }];
  if (tokenizer.chatTemplate === undefined) {
    return [
      { text: prompt ?? '', counted: false },
      { text: completion ?? '', counted: true },
    ];
  }
  return chatSegments(tokenizer, [
    { role: 'user', content: prompt ?? '' },
    { role: 'assistant', content: completion ?? '' },
  ]);
}
