import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const libs = fileURLToPath(new URL('../../../../libs', import.meta.url));

/** Whole files of the libraries' own tests, to be damaged. */
export const modelFile = (name: string): Buffer => readFileSync(`${libs}/models/src/goldens/${name}`);
export const tokenizerFile = (name: string): Buffer =>
  readFileSync(`${libs}/data/src/tokenizer/goldens/${name}`);

export const parsed = (bytes: Buffer): Record<string, unknown> =>
  JSON.parse(bytes.toString()) as Record<string, unknown>;

const seeds = fileURLToPath(new URL('../seeds/', import.meta.url)).replace('/test/dist/', '/test/src/');
export const seedFile = (name: string): Buffer => readFileSync(seeds + name);
