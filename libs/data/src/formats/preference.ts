import type { ChatMessage, Example } from '@temper/contracts';

type Side = string | readonly ChatMessage[];

/** A row of two completions as its cells say it: each of one kind, texts or messages. */
interface Given extends Omit<Example, 'prompt' | 'chosen' | 'rejected'> {
  readonly prompt?: Side;
  readonly chosen?: Side;
  readonly rejected?: Side;
}

/**
 * The prompt apart from the completions: where there is none, it is what both begin with, as TRL's extract_prompt has it. Conversations
 * are whole ones afterwards, of which the answers of the prompt are not learnt.
 */
export function sharedPrompt({ prompt, chosen = '', rejected = '', ...rest }: Given): Example {
  if (typeof chosen === 'string' || typeof rejected === 'string')
    return { ...rest, ...apart(prompt as string | undefined, chosen as string, rejected as string) };
  const own = prompt as readonly ChatMessage[] | undefined;
  const before = own ?? chosen.slice(0, sharedMessages(chosen, rejected));
  // UltraFeedback's conversations begin with a prompt that is a column, too.
  const isRepeated = own === undefined || [chosen, rejected].every((side) => beginsWith(side, before));
  const given = before.map((message): ChatMessage =>
    message.role === 'assistant' ? { ...message, counted: false } : message,
  );
  const whole = (side: readonly ChatMessage[]) => [
    ...given,
    ...(isRepeated ? side.slice(before.length) : side),
  ];
  return { ...rest, chosen: whole(chosen), rejected: whole(rejected) };
}

const same = (one: ChatMessage, other: ChatMessage | undefined) =>
  JSON.stringify(one) === JSON.stringify(other);
const beginsWith = (side: readonly ChatMessage[], messages: readonly ChatMessage[]) =>
  side.length > messages.length && messages.every((message, i) => same(message, side[i]));

function apart(prompt: string | undefined, chosen: string, rejected: string) {
  if (prompt !== undefined) return { prompt, chosen, rejected };
  let at = 0;
  while (at < Math.min(chosen.length, rejected.length) && chosen[at] === rejected[at]) at++;
  // A character of two units stays whole: half of one is no text.
  if (at > 0 && isFirstHalf(chosen.charCodeAt(at - 1))) at--;
  // A space belongs to the word behind it.
  if (at > 0 && chosen[at - 1] === ' ') at--;
  return { prompt: chosen.slice(0, at), chosen: chosen.slice(at), rejected: rejected.slice(at) };
}

const isFirstHalf = (unit: number) => unit >= 0xd800 && unit < 0xdc00;

/** Messages that both begin with; the last of each is a completion in any case. */
function sharedMessages(chosen: readonly ChatMessage[], rejected: readonly ChatMessage[]): number {
  const most = Math.max(0, Math.min(chosen.length, rejected.length) - 1);
  let at = 0;
  while (at < most && same(chosen[at]!, rejected[at])) at++;
  return at;
}

/** The two examples of a language model that a row of two completions is. */
export function completionsOf(example: Example): readonly [Example, Example] | undefined {
  const { prompt, chosen, rejected, tools } = example;
  if (chosen === undefined || rejected === undefined) return undefined;
  const of = (side: Side): Example =>
    typeof side === 'string'
      ? { prompt: prompt ?? '', completion: side }
      : { messages: side, ...(tools ? { tools } : {}) };
  return [of(chosen), of(rejected)];
}
