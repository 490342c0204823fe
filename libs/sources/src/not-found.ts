import { nearest, shownSource, sourceMistake, TemperError, type ErrorCode } from '@temper/contracts';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** NOT_FOUND for a path, with the nearest name that is there. */
export async function missingFile(path: string, shown: string): Promise<TemperError> {
  let existing = dirname(path);
  let wanted = basename(path);
  let names: string[] | undefined;
  while (!names) {
    names = await readdir(existing).catch(() => undefined);
    if (names || dirname(existing) === existing) break;
    wanted = basename(existing);
    existing = dirname(existing);
  }
  const near = nearest(wanted, names ?? []);
  const name = near && join(existing === dirname(path) ? dirname(shown) : existing, near);
  return new TemperError('NOT_FOUND', {
    path: shown,
    message: 'no such file or folder',
    ...(near ? { hint: `did you mean ${name}?` } : {}),
  });
}

/** In quotes, short, and with nothing that a terminal or a log would take for more than a name. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name).replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );

/** As it is, where that is a plain short line. */
export const oneLine = (name: string): string =>
  /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(name) || name.length > 200 ? quoted(name) : name;

/** A source that is there but holds nothing usable, or too much. */
export function unusable(
  uri: string,
  message: string,
  found: readonly string[],
  hint?: string,
  code: ErrorCode = 'DATA_INVALID',
): TemperError {
  const shown = found.slice(0, 8).map(oneLine).join(', ') + (found.length > 8 ? `, … (${found.length})` : '');
  return new TemperError(code, {
    path: shownSource(uri),
    message,
    found: shown || 'nothing',
    ...(hint ? { hint } : {}),
  });
}

export const brokenLink = (path: string): TemperError =>
  unusable(
    path,
    'a link that leads nowhere',
    [],
    'what it led to was moved, removed, or never fetched',
    'NOT_FOUND',
  );

/** For what is no source by its grammar, wherever it comes from. */
export const invalidSource = (uri: string): TemperError =>
  new TemperError('SPEC_INVALID', {
    path: oneLine(shownSource(uri)),
    ...(sourceMistake(uri) ?? { message: 'not the files of a source' }),
  });
