import { TemperError } from '@temper/contracts';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenFiles } from './added-tokens.js';
import { completed } from './completed-json.js';
import { LARGEST_TOKENIZER, modelText } from './model-text.js';
import { readJson } from './special-tokens.js';
import { vocabularyOf, wordPieceTokenizer } from './wordpiece.js';

/** Classes of transformers that read a vocab.txt as BertTokenizer does. */
const wordPieceClasses = [
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
 * by the settings of tokenizer_config.json, which go before those of the file; or made of a BERT's vocab.txt.
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
  const kind =
    files.tokenizer_config?.tokenizer_class ?? (await readJson(folder, 'config.json'))?.tokenizer_class;
  if (names.includes('tokenizer.json')) {
    const text = await modelText(join(folder, 'tokenizer.json'), LARGEST_TOKENIZER);
    return completed(text, files, await isBert(folder, kind));
  }
  if (!names.includes('vocab.txt')) throw without(folder, names);
  if (!wordPieceClasses.includes((kind ?? wordPieceClasses[0]) as string)) {
    throw new TemperError('MODEL_CORRUPT', {
      path: folder,
      message: 'the model has no tokenizer.json, and a vocab.txt that is read in another way than BERT’s',
      found: JSON.stringify(kind).slice(0, 80),
      allowed: wordPieceClasses.join(', '),
      hint: MAKE,
    });
  }
  const vocabulary = vocabularyOf(await modelText(join(folder, 'vocab.txt')));
  return JSON.stringify(wordPieceTokenizer(vocabulary, files));
}

/** Whether transformers reads it as a BertTokenizer: by the class that is named, else by the kind of model. */
async function isBert(folder: string, kind: unknown): Promise<boolean> {
  if (kind !== undefined && kind !== null) return wordPieceClasses.includes(kind as string);
  return bertModels.includes((await readJson(folder, 'config.json'))?.model_type as string);
}

const splitsSpecial = (folder: string): TemperError =>
  new TemperError('MODEL_UNSUPPORTED', {
    path: `${join(folder, 'tokenizer_config.json')}: split_special_tokens`,
    message: 'special tokens that are split like any text, a chat template’s too, are not supported',
    found: 'true',
    allowed: 'false',
  });

const MAKE =
  'make tokenizer.json with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)';

/** What other tokenizers lie there as; of these, how a text is split before is in no file. */
const others: readonly (readonly [name: string, what: string])[] = [
  ['vocab.json', 'a byte-level BPE’s vocabulary and merges'],
  ['tokenizer.model', 'a SentencePiece or tiktoken model'],
  ['tekken.json', 'a Tekken vocabulary'],
];

function without(folder: string, names: readonly string[]): TemperError {
  const found = others.find(([name]) => names.includes(name));
  return new TemperError('MODEL_CORRUPT', {
    path: folder,
    message: 'the model has no tokenizer.json',
    ...(found ? { found: `${found[0]}: ${found[1]}` } : {}),
    allowed: 'tokenizer.json, or the vocab.txt of a BERT',
    ...(found ? { hint: MAKE } : {}),
  });
}
