import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson, TemperError } from '@temper/contracts';
import { modelText } from './model-text.js';

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

/**
 * As transformers takes them: of special_tokens_map.json before tokenizer_config.json, but of this alone where it has
 * `added_tokens_decoder` (transformers 5, _from_pretrained). Each is a text, or an object with the text as `content`.
 */
export async function readSpecialTokens(folder: string): Promise<SpecialTokens> {
  const config = await readJson(folder, 'tokenizer_config.json');
  const map = config?.added_tokens_decoder ? undefined : await readJson(folder, 'special_tokens_map.json');
  const sources = [map, config];
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

/** The ids that end a generation, by generation_config.json, else config.json. @throws TemperError MODEL_CORRUPT */
export async function readGenerationEnds(folder: string): Promise<readonly number[]> {
  for (const name of ['generation_config.json', 'config.json']) {
    const given = (await readJson(folder, name))?.eos_token_id;
    if (given === undefined || given === null) continue;
    const ids: unknown[] = Array.isArray(given) ? given : [given];
    if (ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0)) return ids as number[];
    throw new TemperError('MODEL_CORRUPT', {
      path: `${join(folder, name)}: eos_token_id`,
      message: 'must be a token id, or a list of them',
      found: JSON.stringify(given).slice(0, 80),
    });
  }
  return [];
}

/** A JSON file of the model; undefined where there is none. @throws TemperError MODEL_CORRUPT */
export async function readJson(folder: string, name: string): Promise<Record<string, unknown> | undefined> {
  const file = join(folder, name);
  if (!existsSync(file)) return undefined;
  let value: unknown;
  try {
    value = parseJson(await modelText(file));
  } catch (cause) {
    if (cause instanceof TemperError) throw cause;
    throw new TemperError('MODEL_CORRUPT', { path: file, message: (cause as Error).message }, { cause });
  }
  if (typeof value === 'object' && value && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TemperError('MODEL_CORRUPT', { path: file, message: 'the file does not hold a JSON object' });
}
