import { TemperError } from '@temper/contracts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LARGEST_TOKENIZER, modelText, refuseLarge } from '../model-text.js';
import { readJson } from '../special-tokens.js';
import type { MergesVocabulary } from './byte-level.js';
import { readSentencePieceModel, type SentencePieceModel } from './sentencepiece-model.js';

/** The names under which SentencePiece models lie, the first one before the others. */
const pieceFiles = [
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
  'spm.model',
  'sentencepiece.model',
];

/** The name of the SentencePiece model among the names of a folder. */
export const pieceFileOf = (names: readonly string[]): string | undefined =>
  pieceFiles.find((name) => names.includes(name));

/** @throws TemperError MODEL_CORRUPT, MODEL_UNSUPPORTED */
export async function readPieces(folder: string, name: string): Promise<SentencePieceModel> {
  const path = join(folder, name);
  await refuseLarge(path, LARGEST_TOKENIZER);
  return readSentencePieceModel(await readFile(path), path);
}

/** vocab.json and merges.txt. @throws TemperError MODEL_CORRUPT */
export async function readMergesVocabulary(folder: string): Promise<MergesVocabulary> {
  const vocab = await readJson(folder, 'vocab.json');
  const entries = Object.entries(vocab ?? {});
  const wrong = entries.find(([, id]) => !Number.isSafeInteger(id) || (id as number) < 0);
  if (wrong || !entries.length) {
    throw new TemperError('MODEL_CORRUPT', {
      path: join(folder, 'vocab.json'),
      message: 'must hold the id of each token',
      found: JSON.stringify(wrong ?? vocab).slice(0, 80),
    });
  }
  const path = join(folder, 'merges.txt');
  const text = await modelText(path, LARGEST_TOKENIZER);
  return { vocab: new Map(entries as [string, number][]), merges: mergesIn(text, path) };
}

/** Two tokens a line, with a space between; a line that begins with `#version` is none. */
function mergesIn(text: string, path: string): [string, string][] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.flatMap((line, i): [string, string][] => {
    if (line.startsWith('#version')) return [];
    const [left, right, ...more] = line.split(' ');
    if (left && right && !more.length) return [[left, right]];
    throw new TemperError('MODEL_CORRUPT', {
      path: `${path}: line ${i + 1}`,
      message: 'a merge must be two tokens with a space between them',
      found: JSON.stringify(line.slice(0, 60)),
    });
  });
}
