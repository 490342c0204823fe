import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, constants, copyFile, link, mkdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TemperError, type Digest } from '@temper/contracts';
import { pruneCache } from './cache-pruning.js';
import { digestOfFile } from './digest.js';
import { blobKey } from './keys.js';
import type { ObjectStore } from './object-store.js';
import { isDamage } from './seal.js';

const DOWNLOAD_ATTEMPTS = 3;

/** A local file that was taken in. */
export interface Added {
  readonly digest: Digest;
  readonly bytes: number;
  readonly body: { readonly file: string };
}

/**
 * Blobs on this machine's disk, so that a base model is downloaded once and not for every stage. Any number of
 * processes share the folder: a blob appears by rename, whole, and read-only. Its hash is checked at every use,
 * because a hard link elsewhere is the same file and root can write to it.
 */
export class BlobCache {
  readonly #folder: string;
  readonly #downloads = new Map<Digest, Promise<string>>();
  #addedSincePruning = 0;

  constructor(
    private readonly store: ObjectStore,
    cacheFolder: string,
    private readonly maxBytes: number,
  ) {
    this.#folder = cacheFolder;
  }

  /** Path of the verified blob, downloaded if it is not here. Do not write to it. */
  async path(digest: Digest): Promise<string> {
    const file = this.#fileOf(digest);
    if (await verified(file, digest)) return file;
    // Stages of one process that want the same blob wait for one download.
    const running = this.#downloads.get(digest);
    if (running) return running;
    const download = this.#download(digest, file).finally(() => this.#downloads.delete(digest));
    this.#downloads.set(digest, download);
    return download;
  }

  /** Puts a verified blob at `target`, replacing what is there: a hard link, or a copy on another file system. */
  async materialize(digest: Digest, target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    for (;;) {
      const source = await this.path(digest);
      try {
        return await replace(target, (temporary) => linkOrCopy(source, temporary));
      } catch (error) {
        // Another process may have pruned the blob between the check and the link.
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
  }

  /**
   * Takes in a local file, for those who read it here later. It is copied (a reflink where the file system has them) and the
   * copy is hashed, so that what is uploaded of it is what was hashed, even while the file's owner goes on writing to it.
   */
  async add(file: string): Promise<Added> {
    const folder = join(this.#folder, 'blobs');
    await mkdir(folder, { recursive: true });
    const copy = temporaryName(join(folder, 'new'));
    try {
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      await chmod(copy, 0o444);
      const { digest, bytes } = await digestOfFile(copy);
      const path = this.#fileOf(digest);
      await mkdir(dirname(path), { recursive: true });
      await rename(copy, path);
      await this.#added(bytes);
      return { digest, bytes, body: { file: path } };
    } finally {
      await rm(copy, { force: true });
    }
  }

  async #download(digest: Digest, file: string): Promise<string> {
    await mkdir(dirname(file), { recursive: true });
    for (let attempt = 1; ; attempt++) {
      try {
        await replace(file, (temporary) => this.#fetch(digest, temporary));
        break;
      } catch (error) {
        if (!mayPass(error) || attempt === DOWNLOAD_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
      }
    }
    await this.#added((await stat(file)).size);
    return file;
  }

  async #fetch(digest: Digest, temporary: string): Promise<void> {
    const key = blobKey(digest);
    const object = await this.store.getStream(key);
    if (!object) throw new TemperError('NOT_FOUND', { path: key, message: 'the store has no such blob' });
    const hash = createHash('sha256');
    await pipeline(
      object.stream,
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const piece of source) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(temporary, { mode: 0o600, flags: 'wx' }),
    );
    assertDigest(key, digest, `sha256:${hash.digest('hex')}`);
    await chmod(temporary, 0o444);
  }

  async #added(bytes: number): Promise<void> {
    this.#addedSincePruning += bytes;
    if (this.#addedSincePruning < this.maxBytes / 20) return;
    this.#addedSincePruning = 0;
    await pruneCache(join(this.#folder, 'blobs'), this.maxBytes);
  }

  #fileOf(digest: Digest): string {
    return join(this.#folder, blobKey(digest));
  }
}

/** Throws BLOB_CORRUPT where what was read is not what was asked for. */
export function assertDigest(path: string, expected: Digest, found: Digest): void {
  if (found === expected) return;
  throw new TemperError('BLOB_CORRUPT', {
    path,
    message: 'the content does not match its address',
    found,
    allowed: expected,
  });
}

/** What has changed on its way comes whole at the next try; what lies changed in the store does not. */
const mayPass = (error: unknown) => isDamage(error) || (error instanceof TemperError && error.retryable);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

async function verified(file: string, digest: Digest): Promise<boolean> {
  try {
    return (await digestOfFile(file)).digest === digest;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Writes beside the target and renames, so that nobody ever sees half a file. */
async function replace(target: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryName(target);
  try {
    await write(temporary);
    await rename(temporary, target);
  } finally {
    // Renaming one hard link of a file onto another leaves both names: the temporary one goes in every case.
    await rm(temporary, { force: true });
  }
}

const temporaryName = (target: string) => `${target}.${process.pid}.${randomBytes(4).toString('hex')}.part`;

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error;
    await unlink(target).catch(() => undefined);
    await copyFile(source, target);
    await chmod(target, 0o444);
  }
}
