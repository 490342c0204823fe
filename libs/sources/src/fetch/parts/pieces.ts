import { basename } from 'node:path';
import { isHidden } from '../../choose-files.js';
import { walkFiles } from '../../files/walk.js';
import { unusable } from '../../not-found.js';
import { inRow } from './row.js';

/** `NAME.gguf.partNN`: a range of the bytes of NAME.gguf. */
export interface Piece {
  readonly file: string;
  readonly number: number;
  /** The whole file's. */
  readonly whole: string;
}

export const isPiece = (file: string): boolean => pieceName.test(basename(file));
const pieceName = /^(.+\.gguf)\.part[-_]?(\d{1,6})$/i;

/** What lies in a package, but hidden files and what Python keeps for itself. */
export async function visibleFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, file } of walkFiles(folder, (name) => !isHidden(basename(name)))) {
    if (!isHidden(basename(name))) files.push(file);
  }
  return files;
}

/** The pieces among files, in the order in which they are joined. @throws TemperError as `inRow`, or where they are of several files */
export function piecesAmong(files: readonly string[], uri: string): Piece[] {
  const pieces = files.flatMap((file) => {
    const [, whole, number] = pieceName.exec(basename(file)) ?? [];
    return whole === undefined ? [] : [{ file, whole, number: Number(number) }];
  });
  const wholes = [...new Set(pieces.map(({ whole }) => whole))];
  if (wholes.length > 1)
    throw unusable(
      uri,
      'the parts of several models are in it',
      wholes,
      'one model a package is joined',
      'MODEL_CORRUPT',
    );
  return inRow(pieces, ({ file }) => basename(file), uri);
}
