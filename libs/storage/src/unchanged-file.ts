import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TemperError, type Digest } from '@temper/contracts';
import type { ObjectBody } from './object-store.js';

interface Hashed {
  readonly digest: Digest;
  readonly bytes: number;
}

/** A file as it was when it was hashed, read from where it lies. Where it is another by now, reading it fails: DATA_INVALID. */
export const unchangedFile = (file: string, hashed: Hashed): ObjectBody => ({
  size: hashed.bytes,
  open: () => asHashed(file, hashed),
});

async function* asHashed(file: string, { digest }: Hashed): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  // The end is held back until the sum is known: with it the store would have the content, under an address that is not its own.
  let held: Uint8Array | undefined;
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
      hash.update(piece as Uint8Array);
      if (held) yield held;
      held = piece as Uint8Array;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw changed(file, digest, 'no file');
    throw error;
  }
  const found: Digest = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw changed(file, digest, found);
  if (held) yield held;
}

const changed = (path: string, allowed: Digest, found: string) =>
  new TemperError('DATA_INVALID', {
    ...{ path, message: 'the file changed while it was stored', found, allowed },
    hint: 'store it when nothing writes to it any more',
  });
