import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TemperError } from '@temper/contracts';

/**
 * The one way in which files that other processes read come into the state's folder: readers find the old content or the
 * new one, never a part of it, also after a power cut. Readable by the owner only.
 */
export function writePrivateFile(path: string, content: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export const writePrivateJson = (path: string, value: unknown): void =>
  writePrivateFile(path, `${JSON.stringify(value, null, 2)}\n`);

/** A file of the state that is there and cannot be read, or holds something else (SERVICE_UNAVAILABLE). */
export class UnreadableState extends TemperError {
  constructor(path: string, found: string, hint: string, cause?: unknown) {
    const problem = { path, message: 'cannot be read as what Temper wrote there', found, hint };
    super('SERVICE_UNAVAILABLE', problem, { cause });
  }
}

/** undefined where there is no such file; where there is one that holds something else, UnreadableState. */
export async function readPrivateJson<T>(
  path: string,
  isWhole: (value: Partial<T>) => boolean,
  hint: string,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UnreadableState(path, code, hint, error);
  }
  const value = parsed(text);
  if (typeof value === 'object' && value !== null && isWhole(value)) return value as T;
  throw new UnreadableState(
    path,
    text.trim() ? `${text.length} characters of something else` : 'an empty file',
    hint,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a file of something else
  }
}

/** What a person does about a state that cannot be read. */
export const DOWN = 'temper down ends what runs in this folder and clears it away; then start again';
