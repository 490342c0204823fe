import { TemperError } from '@temper/contracts';
import { join } from 'node:path';
import type { Json, TokenFiles } from '../added-tokens.js';
import { modelText } from '../model-text.js';
import { vocabularyOf, wordPieceClasses, wordPieceTokenizer } from '../wordpiece.js';
import { byteLevelClasses, byteLevelTokenizer } from './byte-level.js';
import { classOf } from './class-of.js';
import { pieceFileOf, readMergesVocabulary, readPieces } from './files.js';
import { sentencePieceClasses } from './sentencepiece-classes.js';
import { sentencePieceTokenizer } from './sentencepiece.js';

/**
 * tokenizer.json of a folder that has none but a vocabulary, by the class of transformers that its files name: of vocab.txt, of
 * vocab.json with merges.txt, or of a SentencePiece model.
 * @throws TemperError MODEL_CORRUPT where the folder has no such files, with what it has instead and the mend; MODEL_UNSUPPORTED
 */
export async function madeTokenizer(
  folder: string,
  names: readonly string[],
  files: TokenFiles,
  config: Json | undefined,
): Promise<object> {
  const name = classOf(files.tokenizer_config, config);
  const pieces = pieceFileOf(names);
  if (pieces && Object.hasOwn(sentencePieceClasses, name))
    return sentencePieceTokenizer(name, await readPieces(folder, pieces), files);
  if (names.includes('vocab.json') && names.includes('merges.txt') && Object.hasOwn(byteLevelClasses, name))
    return byteLevelTokenizer(name, await readMergesVocabulary(folder), files);
  if (names.includes('vocab.txt')) {
    const words = namesNothing(files, config) ? 'BertTokenizer' : name;
    if (Object.hasOwn(wordPieceClasses, words))
      return wordPieceTokenizer(vocabularyOf(await modelText(join(folder, 'vocab.txt'))), files, words);
  }
  throw without(folder, names, name);
}

/** A vocab.txt of which nothing says what it is: a BERT's, as everybody's is. */
const namesNothing = (files: TokenFiles, config: Json | undefined) =>
  files.tokenizer_config?.tokenizer_class == null &&
  config?.tokenizer_class == null &&
  config?.model_type == null;

const MAKE =
  'name the class in tokenizer_config.json, or make tokenizer.json with transformers: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)';

interface Vocabulary {
  readonly file: string;
  readonly what: string;
  /** The classes that are read of it. */
  readonly classes: readonly string[];
  /** What must lie beside it. */
  readonly with?: string;
}

function without(folder: string, names: readonly string[], name: string): TemperError {
  const all: readonly Vocabulary[] = [
    { file: 'vocab.txt', what: 'a list of words', classes: Object.keys(wordPieceClasses) },
    {
      file: 'vocab.json',
      what: 'a byte-level BPE’s vocabulary',
      classes: Object.keys(byteLevelClasses),
      with: 'merges.txt',
    },
    {
      file: pieceFileOf(names) ?? 'tokenizer.model',
      what: 'a SentencePiece model',
      classes: Object.keys(sentencePieceClasses),
    },
    { file: 'tekken.json', what: 'a Tekken vocabulary', classes: [] },
    { file: 'tiktoken.model', what: 'a tiktoken vocabulary', classes: [] },
  ];
  const found = all.find(({ file }) => names.includes(file));
  if (!found) {
    return new TemperError('MODEL_CORRUPT', {
      path: folder,
      message: 'the model has no tokenizer.json',
      allowed: 'tokenizer.json, vocab.txt, vocab.json with merges.txt, or a SentencePiece model',
    });
  }
  if (found.with && !names.includes(found.with)) {
    return new TemperError('MODEL_CORRUPT', {
      path: folder,
      message: `the model has no tokenizer.json, and of ${found.what} but ${found.file}`,
      found: found.file,
      allowed: `${found.file} with ${found.with}`,
      hint: `fetch ${found.with} too`,
    });
  }
  return new TemperError('MODEL_CORRUPT', {
    path: folder,
    message: `the model has no tokenizer.json, and none is made of ${found.what} by this class`,
    found: `${found.file}: ${found.what}, of ${JSON.stringify(name).slice(0, 80)}`,
    allowed: found.classes.length ? `tokenizer_class ${found.classes.join(', ')}` : 'tokenizer.json',
    hint: MAKE,
  });
}
