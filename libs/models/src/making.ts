import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeSafetensors, writeSafetensorsHeader, type WriteSafetensors } from './formats/safetensors.js';
import { sameBytes, type Same } from './tied.js';

/** Part of the name of every prepared folder: raise it when the conversion changes. */
const conversion = 2;

/** What is done with the weights' values on the way from a model's files to one that can be trained. */
export interface Making {
  /** A folder that is made of the content of `files`. */
  folder(kind: string, files: readonly string[], make: (folder: string) => Promise<void>): Promise<string>;
  readonly write: WriteSafetensors;
  readonly same: Same;
}

/** In a cache's folder, once for their content. */
export const makingIn = (to: string | Making): Making =>
  typeof to !== 'string'
    ? to
    : {
        folder: (kind, files, make) => once(to, kind, files, make),
        write: writeSafetensors,
        same: sameBytes,
      };

/**
 * Of weight files that are a header and a hole: what is made of them is so too, every tensor where it would be. Where it depends on
 * values, it throws NotInHeaders.
 */
export const makingOfHeaders = (to: string): Making => ({
  async folder(kind, _files, make) {
    const folder = join(to, kind);
    await mkdir(folder, { recursive: true });
    await make(folder);
    return folder;
  },
  write: writeSafetensorsHeader,
  same(a, b) {
    throw new NotInHeaders(`whether ${a.stored} and ${b.stored} are one weight`);
  },
});

/** What only the values of weights tell. */
export class NotInHeaders extends Error {}

/** Runs `make` on a new folder unless it ran for this content before; the folder appears whole or not at all. */
async function once(
  cacheFolder: string,
  kind: string,
  files: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files)
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { end: false });
  const target = join(cacheFolder, `${kind}-${conversion}-${hash.digest('hex').slice(0, 32)}`);
  if (await lstat(target).catch(() => undefined)) {
    // Which of them was used longest ago is what a bounded cache goes by.
    await utimes(target, new Date(), new Date()).catch(() => undefined);
    return target;
  }
  const temporary = `${target}.${randomUUID()}.part`;
  await mkdir(temporary, { recursive: true });
  try {
    await make(temporary);
    // Another process may have been faster with the same content: then its folder is as good.
    await rename(temporary, target).catch(async (error: unknown) => {
      if (!(await lstat(target).catch(() => undefined))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}
