import { Template } from '@huggingface/jinja';
import { TemperError, type ChatMessage } from '@temper/contracts';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, type SpecialTokens } from './special-tokens.js';

/** chat_template.jinja, else `chat_template` of tokenizer_config.json (one text, or several by name: `default`). */
export async function chatTemplateOf(folder: string): Promise<string | undefined> {
  const file = join(folder, 'chat_template.jinja');
  if (existsSync(file)) return readFile(file, 'utf8');
  const template = (await readJson(folder, 'tokenizer_config.json'))?.chat_template;
  if (Array.isArray(template)) {
    const named = template as { name: string; template: string }[];
    return (named.find(({ name }) => name === 'default') ?? named[0])?.template;
  }
  return typeof template === 'string' ? template : undefined;
}

const parsed = new Map<string, Template>();

function parse(source: string): Template {
  const known = parsed.get(source) ?? new Template(source);
  parsed.set(source, known);
  return known;
}

/** What the template makes of the messages. */
export function renderChat(
  source: string | undefined,
  messages: readonly ChatMessage[],
  { special, addGenerationPrompt }: { special: SpecialTokens; addGenerationPrompt: boolean },
): string {
  if (source === undefined) {
    throw new TemperError('DATA_INVALID', {
      path: 'dataset.columns',
      message: 'the base model has no chat template, so messages cannot be written as it reads them',
      hint: 'use a chat model, or columns {prompt, completion} or {text}',
    });
  }
  try {
    return parse(source).render({
      ...special,
      messages: messages.map((message) => ({ ...message })),
      add_generation_prompt: addGenerationPrompt,
      // Templates that write today's date would make other tokens every day.
      date_string: '26 Jul 2024',
    });
  } catch (cause) {
    const message = `the model's chat template refuses the conversation: ${(cause as Error).message}`;
    const found = messages.map(({ role }) => role).join(', ');
    throw new TemperError('DATA_INVALID', { path: 'dataset.columns', message, found }, { cause });
  }
}
