import { TemperError } from '@temper/contracts';
import { TemplateRaised, TemplateTooLong, TemplateUnsupported } from '../jinja/errors.js';
import { render } from '../jinja/render.js';
import { raw, type Str } from '../jinja/text.js';
import type { SpecialTokens } from '../special-tokens.js';
import { answerRange, type Range } from './answers.js';
import { generationRanges } from './generation-blocks.js';
import { LeftOut, leftOut } from './left-out.js';
import { openingFrom, openingOf, type Opening } from './opening.js';
import { originsOf } from './origins.js';
import { variablesOf, type Conversation } from './variables.js';
import { isEmptyMessage, isTextPart, partsNotWritten, partsOf } from './written.js';

/** A model's chat template, and what it is given besides a conversation. */
export interface ChatTemplate {
  readonly source: string;
  readonly special: SpecialTokens;
}

export interface RenderedConversation {
  readonly text: string;
  /** What the model learns to write, in order and apart. */
  readonly counted: readonly Range[];
  readonly notes: ChatNotes;
}

/** What is told of conversations that are trained on. */
export interface ChatNotes {
  /** Answers without any text: not learnt. */
  readonly emptyAnswers: number;
  /** Parts of messages that the template does not write. */
  readonly partsNotWritten: number;
}

/**
 * A conversation as the model reads it, which is transformers' apply_chat_template of all messages, with what of it is
 * learnt: every answer that is to be counted, as the template writes it, with its closing. A template's own
 * `{% generation %}` blocks say so themselves. A pure function, bounded in work and memory.
 * @throws TemperError MODEL_UNSUPPORTED for a template that cannot be used at all, DATA_INVALID where it does not end
 */
export function renderConversation(
  template: ChatTemplate,
  conversation: Conversation,
): RenderedConversation | LeftOut {
  try {
    return rendered(template, conversation);
  } catch (error) {
    if (error instanceof LeftOut) return error;
    throw error;
  }
}

/** Contents in parts go to the template as they are; to one that takes texts alone, joined. */
function rendered(template: ChatTemplate, conversation: Conversation): RenderedConversation {
  const parts = conversation.messages.map(partsOf);
  for (const [i, of] of parts.entries()) {
    if (of && !of.every(isTextPart)) leftOut('notText', `message ${i + 1} has parts that are not text`);
  }
  if (!parts.some(Boolean)) return answersOf(write(template, conversation), template, conversation);
  try {
    const written = write(template, conversation);
    // A template that does not know of parts may print them as Python prints a list.
    if (!/\[\{'(type|text)': /.test(raw(written))) return answersOf(written, template, conversation);
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error;
  }
  return answersOf(write(template, conversation, { joinParts: true }), template, conversation);
}

function answersOf(written: Str, template: ChatTemplate, conversation: Conversation): RenderedConversation {
  const { messages, tools } = conversation;
  const origins = originsOf(written);
  const notWritten = partsNotWritten(origins, messages, { source: template.source, tools });
  const answers = [...messages.keys()].filter((i) => messages[i]!.role === 'assistant');
  const empty = answers.filter((i) => isEmptyMessage(messages[i]!));
  const learnt = answers.filter((i) => messages[i]!.counted !== false && !empty.includes(i));
  const context = {
    origins,
    eosToken: template.special.eos_token,
    opening: once(() => opening(template, conversation, learnt)),
  };
  const counted = hasBlocks(template.source)
    ? generationRanges(origins, learnt)
    : learnt.map((i) => answerRange(i, context));
  const ordered = [...counted].sort(([a], [b]) => a - b);
  if (ordered.some(([start], k) => k > 0 && start < ordered[k - 1]![1])) {
    leftOut('answerNotFound', "the model's chat template writes one answer inside another");
  }
  const notes = { emptyAnswers: empty.length, partsNotWritten: notWritten };
  return { text: origins.text, counted: ordered, notes };
}

const hasBlocks = (source: string) => /\{%[-+]?\s*generation\s*[-+]?%\}/.test(source);

function once<T>(compute: () => T): () => T {
  let known: T | undefined;
  return () => (known ??= compute());
}

/** How the template opens an answer, behind the messages before one, as in use; one that wants more of them gets all. */
function opening(template: ChatTemplate, conversation: Conversation, learnt: readonly number[]): Opening {
  const counts = [...learnt.slice(0, 2), conversation.messages.length];
  for (const count of counts) {
    const messages = conversation.messages.slice(0, count);
    const text = openingOf(
      writeOrNothing(template, { ...conversation, messages }, false),
      writeOrNothing(template, { ...conversation, messages }, true),
    );
    if (text) return openingFrom(text);
  }
  return openingFrom('');
}

function writeOrNothing(
  template: ChatTemplate,
  conversation: Conversation,
  addGenerationPrompt: boolean,
): Str | undefined {
  try {
    return write(template, conversation, { joinParts: true, addGenerationPrompt });
  } catch (error) {
    if (error instanceof LeftOut) return undefined;
    throw error;
  }
}

/** The text of a conversation, for a model to go on from. @throws TemperError DATA_INVALID where the template refuses it */
export function renderPrompt(
  template: ChatTemplate,
  conversation: Conversation,
  addGenerationPrompt: boolean,
): string {
  try {
    return raw(write(template, conversation, { joinParts: true, addGenerationPrompt }));
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error;
    const found = conversation.messages.map(({ role }) => role).join(', ');
    throw new TemperError('DATA_INVALID', { path: 'messages', message: error.message, found });
  }
}

interface WriteOptions {
  readonly addGenerationPrompt?: boolean;
  readonly joinParts?: boolean;
}

function write(
  { source, special }: ChatTemplate,
  conversation: Conversation,
  { addGenerationPrompt = false, joinParts = false }: WriteOptions = {},
): Str {
  try {
    return render(source, variablesOf(conversation, { special, addGenerationPrompt, joinParts }));
  } catch (error) {
    if (error instanceof TemplateRaised) {
      return leftOut(
        'templateRefuses',
        `the model's chat template refuses it: ${error.message.slice(0, 300)}`,
      );
    }
    throw unusable(error as Error);
  }
}

function unusable(cause: Error): Error {
  const problem = (message: string, hint?: string) => ({
    path: 'chat_template',
    message,
    ...(hint && { hint }),
  });
  if (cause instanceof TemplateUnsupported) {
    const message = `the chat template cannot be used: ${cause.message.slice(0, 300)}`;
    return new TemperError('MODEL_UNSUPPORTED', problem(message), { cause });
  }
  const endless =
    cause instanceof TemplateTooLong
      ? cause.message
      : cause instanceof RangeError && 'it calls itself too deep';
  const hint = 'it may be made to do that; or leave the row out';
  return endless
    ? new TemperError(
        'DATA_INVALID',
        problem(`the chat template does not come to an end: ${endless}`, hint),
        {
          cause,
        },
      )
    : cause;
}
