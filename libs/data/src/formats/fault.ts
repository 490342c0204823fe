import { TemperError, type Problem } from '@temper/contracts';

/** A mistake in a file of text, at a place in characters from its beginning. */
export class TextFault extends Error {
  constructor(
    readonly at: number,
    message: string,
    readonly details: Pick<Problem, 'found' | 'allowed' | 'hint'> = {},
  ) {
    super(message);
  }
}

/** A piece of a file, as it is shown in a message. */
export function excerpt(text: string, length = 40): string {
  const shown = JSON.stringify(text.slice(0, length));
  return text.length > length ? `${shown.slice(0, -1)}…"` : shown;
}

/** Turns what the operating system or a library says about a file into DATA_INVALID. */
export function unreadable(file: string, error: unknown): TemperError {
  if (error instanceof TemperError) return error;
  const said = oneLine((error as Error).message);
  const bytes = /^Invalid string encoding found in Parquet file.*?: value (".*") is not valid/.exec(
    said,
  )?.[1];
  if (bytes) {
    const problem = { path: file, message: 'a column of text has bytes that are not UTF-8', found: bytes };
    return new TemperError('DATA_INVALID', problem, { cause: error });
  }
  if (/^Invalid unicode/.test(said)) {
    const problem = { path: file, message: 'the file has text that is not UTF-8', hint: 'write it anew' };
    return new TemperError('DATA_INVALID', problem, { cause: error });
  }
  if (/\bencrypt/i.test(said)) {
    const problem = { path: file, message: 'the file is encrypted', hint: 'write it without encryption' };
    return new TemperError('DATA_INVALID', problem, { cause: error });
  }
  return new TemperError(
    'DATA_INVALID',
    { path: file, message: `the file cannot be read: ${said}` },
    { cause: error },
  );
}

/** The first sentence of a message, without the advice that DuckDB gives in terms of its own settings. */
function oneLine(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const first = lines.find((line) => line && !/^(Possible|LINE \d|file =)/.test(line)) ?? said;
  return first.replace(/^(Invalid Input|IO|Conversion|Invalid|Serialization) Error: /, '').slice(0, 300);
}

/** Names of columns, as they are shown on one line. */
export const shownNames = (names: readonly string[]): string =>
  names
    .slice(0, 30)
    .map((name) => (/[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? JSON.stringify(name) : name))
    .join(', ')
    .slice(0, 500);
