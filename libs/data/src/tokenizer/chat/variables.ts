import type { ChatMessage } from '@temper/contracts';
import { globalsOf } from '../jinja/globals.js';
import { fieldsOfJson, valueOfJson } from '../jinja/from-json.js';
import type { Leaf } from '../jinja/span.js';
import { tagged } from '../jinja/text.js';
import { Dict, List, type Value } from '../jinja/values.js';
import type { SpecialTokens } from '../special-tokens.js';

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** The tools that the assistant may call: a list, as JSON text. */
  readonly tools?: string | undefined;
}

/** The date that templates see, which is the one that Llama's own fall back to: tokens are the same on every day. */
const CLOCK = new Date(Date.UTC(2024, 6, 26));

/** What names a message: part of what opens an answer, never of the answer. */
const naming = new Set(['role', 'name', 'tool_call_id']);

/** Under which names transformers knows a message's reasoning; the first is the one that most templates read. */
export const reasoningFields: readonly string[] = ['reasoning_content', 'thinking', 'reasoning'];

export interface VariableOptions {
  readonly special: SpecialTokens;
  readonly addGenerationPrompt: boolean;
  /** Contents in parts are given as one text. */
  readonly joinParts: boolean;
}

/** All that transformers' apply_chat_template gives to a template. */
export function variablesOf(
  { messages, tools }: Conversation,
  { special, addGenerationPrompt, joinParts }: VariableOptions,
): Map<string, Value> {
  return new Map<string, Value>([
    ...globalsOf(CLOCK),
    ...Object.entries(special),
    ['messages', new List(messages.map((message, i) => messageOf(message, i, joinParts)))],
    ['tools', tools === undefined ? null : valueOfJson(tools, { field: 'tools' })],
    ['documents', null],
    ['add_generation_prompt', addGenerationPrompt],
  ]);
}

function messageOf({ role, content, json }: ChatMessage, message: number, joinParts: boolean): Dict {
  const leaves = new Map<string, Leaf>();
  const leafOf = (field: string): Leaf | undefined => {
    if (naming.has(field)) return undefined;
    const leaf = leaves.get(field) ?? { message, field };
    leaves.set(field, leaf);
    return leaf;
  };
  const fields: Map<string, Value> =
    json === undefined
      ? new Map<string, Value>([
          ['role', role],
          ['content', tagged(content, leafOf('content'))],
        ])
      : fieldsOfJson(json, leafOf);
  if (joinParts && fields.get('content') instanceof List)
    fields.set('content', tagged(content, leafOf('content')));
  // As transformers does: templates know an absent field for what it is, and write a null one as "None".
  for (const [field, value] of fields) if (value === null) fields.delete(field);
  return new Dict(withReasoning(fields), undefined, message);
}

/** transformers gives reasoning under the names that templates read, whatever it is called in the data. */
function withReasoning(fields: Map<string, Value>): Map<string, Value> {
  const name = reasoningFields.find((field) => fields.has(field));
  if (name === undefined) return fields;
  const reasoning = fields.get(name)!;
  return new Map([['thinking', reasoning], ...fields, ['reasoning_content', reasoning]]);
}
