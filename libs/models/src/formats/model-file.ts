import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { TemperError, type Problem } from '@temper/contracts';

const corrupt = (file: string, problem: Omit<Problem, 'path'>, cause?: unknown) =>
  new TemperError('MODEL_CORRUPT', { path: basename(file), ...problem }, { cause });

/**
 * Opens a file of a model and hands it to `use` with its size in bytes. A folder, a pipe, a link that leads nowhere, and a
 * small text that only stands for the file (Git LFS, git-annex) are told as such.
 * @throws TemperError MODEL_CORRUPT
 */
export async function withModelFile<T>(
  file: string,
  use: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const handle = await opened(file);
  try {
    const { size } = await handle.stat();
    const pointer = pointerProblem(await startOf(handle, size));
    if (pointer) throw corrupt(file, pointer);
    return await use(handle, size);
  } finally {
    await handle.close();
  }
}

/** The whole of a small text file. @throws TemperError MODEL_CORRUPT also where it is longer than `limit` bytes. */
export const readModelText = (file: string, limit = 1 << 26): Promise<string> =>
  withModelFile(file, async (handle, size) => {
    if (size <= limit) return handle.readFile('utf8');
    throw corrupt(file, {
      message: 'is too long for what it is',
      found: `${size} bytes`,
      allowed: `at most ${limit}`,
    });
  });

async function opened(file: string): Promise<FileHandle> {
  try {
    // To open a pipe would wait for somebody who writes into it.
    if (!(await stat(file)).isFile())
      throw corrupt(file, { message: 'is no file', found: 'a folder or device' });
    return await open(file, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof TemperError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? 'is a link that leads nowhere' : `cannot be read (${code})`;
    throw corrupt(file, { message, found: file }, error);
  }
}

/** What stands for a file, and what brings the file itself. */
const pointers: readonly { readonly starts: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    // https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md, "The Pointer"; the second is its first name.
    starts: /^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\r?\n/,
    what: 'is a Git LFS pointer, not the file itself',
    hint: 'run git lfs pull in the folder that was cloned, or download the file again',
  },
  {
    starts: /^(\.\.\/)*(\.git\/annex|\/annex)\/objects\//,
    what: 'is a git-annex pointer, not the file itself',
    hint: 'run git annex get in the folder that was cloned',
  },
  {
    starts: /^\s*<(!doctype html|html)[\s>]/i,
    what: 'is a web page, not the file itself',
    hint: 'the download brought a page (a login, a notice): download the file again',
  },
];

/** Pointers are at most 1,024 bytes long; a page is known by how it begins. */
const START = 1024;

async function startOf(handle: FileHandle, size: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(START, size)), 0, undefined, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

/** What a file that begins so (1,024 bytes, as Latin-1) stands for, where it is not the file itself. */
export function pointerProblem(start: string): Omit<Problem, 'path'> | undefined {
  const found = pointers.find(({ starts }) => starts.test(start));
  if (!found) return undefined;
  return { message: found.what, found: firstLine(start), hint: found.hint };
}

const firstLine = (text: string) => text.split('\n', 1)[0]!.trim().slice(0, 80);
