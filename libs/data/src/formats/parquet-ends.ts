import { TemperError, type Problem } from '@temper/contracts';
import { open } from 'node:fs/promises';
import { HEAD, otherKind } from './bytes/kinds.js';
import { unreadable } from './fault.js';
import { checkFooter } from './parquet-footer.js';

/**
 * Tells in words what is no Parquet file: each begins and ends with PAR1 (https://parquet.apache.org/docs/file-format), or
 * ends with PARE where its footer is encrypted; and a footer that cannot be. @throws TemperError DATA_INVALID
 */
export async function refuseOthers(file: string): Promise<void> {
  const [head, tail, footer] = await endsOf(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const problem = problemOf(head, tail.toString('latin1'));
  if (problem) throw new TemperError('DATA_INVALID', { path: file, ...problem });
  checkFooter(file, footer);
}

/** Behind the footer are its length, in four bytes, and the last of the file's marks. */
async function endsOf(file: string): Promise<readonly [head: Buffer, tail: Buffer, footer: Buffer]> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const [head, tail] = [Buffer.alloc(Math.min(HEAD, size)), Buffer.alloc(Math.min(4, size))];
  await handle.read(head, 0, head.length, 0);
  await handle.read(tail, 0, tail.length, size - tail.length);
  const length = Buffer.alloc(4);
  if (size >= 12) await handle.read(length, 0, 4, size - 8);
  const footer = Buffer.alloc(Math.max(0, Math.min(length.readUInt32LE(), size - 12)));
  await handle.read(footer, 0, footer.length, size - 8 - footer.length);
  return [head, tail, footer];
}

function problemOf(head: Buffer, tail: string): Omit<Problem, 'path'> | undefined {
  const begins = head.toString('latin1', 0, 4);
  if (!head.length) return { message: 'an empty file, which is no Parquet file' };
  if (tail === 'PARE' || begins === 'PARE') {
    return { message: 'the file is encrypted', hint: 'write it without encryption' };
  }
  if (begins === 'PAR1') {
    return tail === 'PAR1'
      ? undefined
      : {
          message: 'the Parquet file is cut off or damaged: its end is missing',
          hint: 'fetch or write it again',
        };
  }
  const other = otherKind(head);
  return {
    message: 'not a Parquet file',
    ...(other ?? { found: `the bytes ${head.toString('hex', 0, 4)} at its beginning` }),
  };
}
