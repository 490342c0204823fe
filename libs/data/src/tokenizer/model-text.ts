import { TemperError } from '@temper/contracts';
import { readFile, stat } from 'node:fs/promises';

/** Of bytes: four times the largest tokenizer.json there is. */
export const LARGEST_TOKENIZER = 2 ** 27;
/** Templates and settings are of some kB, with a list of added tokens of some MB. */
const LARGEST = 2 ** 25;

/** A text file of the model. @throws TemperError MODEL_CORRUPT where it is larger than it can be, or no file */
export async function modelText(path: string, limit = LARGEST): Promise<string> {
  await refuseLarge(path, limit);
  return readFile(path, 'utf8');
}

/** @throws TemperError MODEL_CORRUPT where it is larger than it can be, or no file */
export async function refuseLarge(path: string, limit: number): Promise<void> {
  const found = await stat(path);
  if (found.isFile() && found.size <= limit) return;
  throw new TemperError('MODEL_CORRUPT', {
    path,
    message: found.isFile() ? 'is too long for what it is' : 'is no file',
    ...(found.isFile() ? { found: `${found.size} bytes`, allowed: `at most ${limit}` } : {}),
  });
}
