import { TemperError } from '@temper/contracts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { modelText } from './model-text.js';
import { readJson } from './special-tokens.js';

/** Jinja sources; `toolUse` is for conversations with tools, where the model has one of its own for them. */
export interface ChatTemplates {
  readonly plain: string;
  readonly toolUse: string;
}

/**
 * chat_template.jinja (with additional_chat_templates/tool_use.jinja), else `chat_template` of tokenizer_config.json: one
 * text, or several by name, of which transformers takes `tool_use` where there are tools, and else `default`.
 * @throws TemperError MODEL_UNSUPPORTED for several without a default one
 */
export async function chatTemplatesOf(folder: string): Promise<ChatTemplates | undefined> {
  const file = join(folder, 'chat_template.jinja');
  if (existsSync(file)) {
    const plain = await modelText(file);
    const tools = join(folder, 'additional_chat_templates', 'tool_use.jinja');
    return { plain, toolUse: existsSync(tools) ? await modelText(tools) : plain };
  }
  const template = (await readJson(folder, 'tokenizer_config.json'))?.chat_template;
  if (typeof template === 'string') return { plain: template, toolUse: template };
  if (!Array.isArray(template) || !template.length) return undefined;
  const named = new Map(
    (template as { name: string; template: string }[]).map((of) => [of.name, of.template]),
  );
  const plain = named.get('default') ?? (named.size === 1 ? [...named.values()][0] : undefined);
  if (plain !== undefined) return { plain, toolUse: named.get('tool_use') ?? plain };
  throw new TemperError('MODEL_UNSUPPORTED', {
    path: join(folder, 'tokenizer_config.json'),
    message: 'the model has several chat templates and none is the default one',
    found: [...named.keys()].join(', '),
    hint: 'write the one to use into chat_template.jinja',
  });
}
