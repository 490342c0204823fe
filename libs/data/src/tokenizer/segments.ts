import type { Example } from '@temper/contracts';
import type { Conversation } from './chat/variables.js';

/** A stretch of a training text; the tokens of a counted one are what the model learns to write. */
export interface Segment {
  readonly text: string;
  readonly counted: boolean;
}

/** The conversation of a row: its messages, or where the model has a chat template its prompt and completion. */
export function conversationOf(
  { messages, tools, text, prompt, completion }: Example,
  hasTemplate: boolean,
): Conversation | undefined {
  if (messages) return { messages, tools };
  if (text !== undefined || !hasTemplate) return undefined;
  return {
    messages: [
      { role: 'user', content: prompt ?? '' },
      { role: 'assistant', content: completion ?? '' },
    ],
  };
}

/** The segments of a row without a conversation. */
export function segmentsOf({ prompt, completion, text }: Example): Segment[] {
  if (text !== undefined) return [{ text, counted: true }];
  return [
    { text: prompt ?? '', counted: false },
    { text: completion ?? '', counted: true },
  ];
}
