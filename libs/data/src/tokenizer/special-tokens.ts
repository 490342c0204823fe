import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';

const names = [
  'bos_token',
  'eos_token',
  'pad_token',
  'unk_token',
  'sep_token',
  'cls_token',
  'mask_token',
] as const;
export type SpecialTokens = Readonly<Partial<Record<(typeof names)[number], string>>>;

/** Of tokenizer_config.json, else of special_tokens_map.json; each is a text, or an object with the text as `content`. */
export async function readSpecialTokens(folder: string): Promise<SpecialTokens> {
  const sources = [
    await readJson(folder, 'tokenizer_config.json'),
    await readJson(folder, 'special_tokens_map.json'),
  ];
  const tokens: Partial<Record<(typeof names)[number], string>> = {};
  for (const name of names) {
    const token = sources.map((source) => contentOf(source?.[name])).find((text) => text !== undefined);
    if (token !== undefined) tokens[name] = token;
  }
  return tokens;
}

const contentOf = (token: unknown): string | undefined => {
  const text = typeof token === 'object' && token ? (token as { content?: unknown }).content : token;
  return typeof text === 'string' ? text : undefined;
};

/** A JSON file of the model; undefined where there is none. @throws TemperError MODEL_CORRUPT */
export async function readJson(folder: string, name: string): Promise<Record<string, unknown> | undefined> {
  const file = join(folder, name);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new TemperError('MODEL_CORRUPT', { path: file, message: (cause as Error).message }, { cause });
  }
}
