import { TemperError } from '@temper/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from './special-tokens.js';
import { wordPieceTokenizer } from './wordpiece.js';

/** Classes of transformers that read a vocab.txt as BertTokenizer does. */
const wordPieceClasses = [
  'BertTokenizer',
  'BertTokenizerFast',
  'DistilBertTokenizer',
  'DistilBertTokenizerFast',
  'ElectraTokenizer',
  'ElectraTokenizerFast',
];

/**
 * The text of a model's tokenizer.json: the file's, or the one that transformers makes of a BERT's vocab.txt.
 * @throws TemperError MODEL_CORRUPT where the folder has neither, with what it has instead and the mend
 */
export async function tokenizerJson(folder: string): Promise<string> {
  const names = await readdir(folder);
  if (names.includes('tokenizer.json')) return readFile(join(folder, 'tokenizer.json'), 'utf8');
  if (!names.includes('vocab.txt')) throw without(folder, names);
  const config = await readJson(folder, 'tokenizer_config.json');
  const kind = config?.tokenizer_class ?? wordPieceClasses[0];
  if (!wordPieceClasses.includes(kind as string)) {
    throw new TemperError('MODEL_CORRUPT', {
      path: folder,
      message: 'the model has no tokenizer.json, and a vocab.txt that is read in another way than BERT’s',
      found: JSON.stringify(kind).slice(0, 80),
      allowed: wordPieceClasses.join(', '),
      hint: MAKE,
    });
  }
  const tokenizer = wordPieceTokenizer({
    vocabulary: await readFile(join(folder, 'vocab.txt'), 'utf8'),
    tokenizer_config: config,
    special_tokens_map: await readJson(folder, 'special_tokens_map.json'),
    added_tokens: await readJson(folder, 'added_tokens.json'),
  });
  return JSON.stringify(tokenizer);
}

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
