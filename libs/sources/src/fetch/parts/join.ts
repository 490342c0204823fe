import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Piece } from './pieces.js';
import { checkSum, type Sums } from './sums.js';

export interface Joined {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface JoinOptions {
  readonly sums: Sums;
  readonly uri: string;
  /** Pieces below this folder are removed once they are joined, so that the disk holds the whole and one of them. */
  readonly work: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes the pieces one after another into `target`, which is a new file. A piece that has a listed sum of its own is held
 * to it. @throws TemperError MODEL_CORRUPT
 */
export async function joinPieces(
  pieces: readonly Piece[],
  target: string,
  { sums, uri, work, signal }: JoinOptions,
): Promise<Joined> {
  const whole = createHash('sha256');
  let bytes = 0;
  for (const [index, { file }] of pieces.entries()) {
    const piece = createHash('sha256');
    const hashed = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        whole.update(chunk);
        piece.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    const output = createWriteStream(target, { flags: index === 0 ? 'wx' : 'a' });
    await pipeline(createReadStream(file), hashed, output, { signal });
    checkSum(sums, basename(file), piece.digest('hex'), uri);
    if (file.startsWith(join(work, sep))) await rm(file);
  }
  return { bytes, sha256: whole.digest('hex') };
}
