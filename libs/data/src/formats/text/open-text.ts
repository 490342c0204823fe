import { TemperError, type Problem } from '@temper/contracts';
import { openBytes } from '../bytes/open-bytes.js';
import { TextFault, unreadable } from '../fault.js';
import { TextCursor } from './cursor.js';
import { decoded } from './decode.js';

/** A file of text: its characters, and the lines that they are in. */
export interface TextFile {
  readonly path: string;
  open(): TextCursor;
  /** `FILE:LINE` of a character, lines counted as editors do. */
  place(at: number): Promise<string>;
  /** Turns a mistake in the text into DATA_INVALID with file and line, and passes on every other error. */
  told(error: unknown): Promise<TemperError>;
}

export function textFile(path: string, encoding?: string): TextFile {
  const pieces = () => decoded(openBytes(path), encoding);
  const place = async (at: number) => `${path}:${await lineOf(pieces(), at)}`;
  return {
    path,
    open: () => new TextCursor(pieces()),
    place,
    told: async (error) => {
      if (!(error instanceof TextFault)) return unreadable(path, error);
      const problem: Problem = { path: await place(error.at), message: error.message, ...error.details };
      return new TemperError('DATA_INVALID', problem, { cause: error });
    },
  };
}

/** Lines end with \n, \r\n or \r. Only a mistake needs its line, so the file is read once more for it. */
async function lineOf(pieces: AsyncGenerator<string>, at: number): Promise<number> {
  let line = 1;
  let done = 0;
  let afterReturn = false;
  try {
    for await (const piece of pieces) {
      const before = piece.slice(0, Math.max(0, at - done));
      for (const end of before.matchAll(/\r\n?|\n/g)) {
        const continued = afterReturn && end.index === 0 && end[0] === '\n';
        if (!continued) line++;
      }
      afterReturn = before.endsWith('\r');
      done += piece.length;
      if (done >= at) break;
    }
  } catch (error) {
    if (!(error instanceof TextFault)) throw error;
  }
  return line;
}
