import { TemperError } from '@temper/contracts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, TokenFiles } from './added-tokens.js';
import { completed } from './completed-json.js';
import { LARGEST_TOKENIZER, modelText } from './model-text.js';
import { readJson } from './special-tokens.js';
import { madeTokenizer } from './vocabulary/make.js';

/** Names under which transformers has its BertTokenizer. */
const bertClasses = [
  'BertTokenizer',
  'BertTokenizerFast',
  'DistilBertTokenizer',
  'DistilBertTokenizerFast',
  'ElectraTokenizer',
  'ElectraTokenizerFast',
];

/** Models that transformers has a BertTokenizer for (tokenization_auto.py), of those that are trained here. */
const bertModels = ['bert', 'distilbert', 'electra'];

/**
 * The text of a model's tokenizer.json as transformers takes it: with the added tokens that other files name, and for a BERT
 * by the settings of tokenizer_config.json, which go before those of the file; or made of the vocabulary
 * files of a folder that has none.
 * @throws TemperError MODEL_CORRUPT where the folder has neither, with what it has instead and the mend; MODEL_UNSUPPORTED
 */
export async function tokenizerJson(folder: string): Promise<string> {
  const names = await readdir(folder);
  const files: TokenFiles = {
    tokenizer_config: await readJson(folder, 'tokenizer_config.json'),
    special_tokens_map: await readJson(folder, 'special_tokens_map.json'),
    added_tokens: await readJson(folder, 'added_tokens.json'),
  };
  if (files.tokenizer_config?.split_special_tokens === true) throw splitsSpecial(folder);
  const config = await readJson(folder, 'config.json');
  if (!names.includes('tokenizer.json'))
    return JSON.stringify(await madeTokenizer(folder, names, files, config));
  const text = await modelText(join(folder, 'tokenizer.json'), LARGEST_TOKENIZER);
  const kind = files.tokenizer_config?.tokenizer_class ?? config?.tokenizer_class;
  return completed(text, files, isBert(kind, config));
}

/** tokenizer.json of a folder that has none but a vocabulary; undefined where it has one, or nothing that one is made of. */
export async function missingTokenizerJson(folder: string): Promise<string | undefined> {
  if ((await readdir(folder)).includes('tokenizer.json')) return undefined;
  try {
    return await tokenizerJson(folder);
  } catch (error) {
    if (error instanceof TemperError) return undefined;
    throw error;
  }
}

/** Whether transformers reads it as a BertTokenizer: by the class that is named, else by the kind of model. */
function isBert(kind: unknown, config: Json | undefined): boolean {
  if (kind !== undefined && kind !== null) return bertClasses.includes(kind as string);
  return bertModels.includes(config?.model_type as string);
}

const splitsSpecial = (folder: string): TemperError =>
  new TemperError('MODEL_UNSUPPORTED', {
    path: `${join(folder, 'tokenizer_config.json')}: split_special_tokens`,
    message: 'special tokens that are split like any text, a chat template’s too, are not supported',
    found: 'true',
    allowed: 'false',
  });
