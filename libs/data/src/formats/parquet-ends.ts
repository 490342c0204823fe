import { TemperError, type Problem } from '@temper/contracts';
import { open } from 'node:fs/promises';
import { HEAD, otherKind } from './bytes/kinds.js';
import { unreadable } from './fault.js';

/**
 * Tells in words what is no Parquet file: each begins and ends with PAR1 (https://parquet.apache.org/docs/file-format), or
 * ends with PARE where its footer is encrypted. @throws TemperError DATA_INVALID
 */
export async function refuseOthers(file: string): Promise<void> {
  const [head, tail] = await endsOf(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const problem = problemOf(head, tail.toString('latin1'));
  if (problem) throw new TemperError('DATA_INVALID', { path: file, ...problem });
}

async function endsOf(file: string): Promise<readonly [head: Buffer, tail: Buffer]> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const [head, tail] = [Buffer.alloc(Math.min(HEAD, size)), Buffer.alloc(Math.min(4, size))];
  await handle.read(head, 0, head.length, 0);
  await handle.read(tail, 0, tail.length, size - tail.length);
  return [head, tail];
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
