import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  TemperError,
  type ArtifactFile,
  type ArtifactKind,
  type ArtifactManifest,
  type ArtifactMeta,
  type ArtifactRef,
  type Digest,
} from '@temper/contracts';
import { checkArtifactPath } from './artifact-path.js';
import { BlobCache } from './blob-cache.js';
import { canonicalJson, digestOfBytes, digestOfFile } from './digest.js';
import type { Waiting } from './gc/barrier.js';
import type { Part } from './gc/references.js';
import { holdArtifact, holdKeys, secureArtifact, secureBlob } from './gc/secure.js';
import { blobKey, manifestKey, uriOf } from './keys.js';
import { readManifest } from './manifest.js';
import type { ObjectBody, ObjectStore } from './object-store.js';
import { eachLimited } from './parallel.js';
import { unchangedFile } from './unchanged-file.js';
import { encode, isConflict, parseJson } from './write.js';

/** A path on this machine, or the content itself. */
export type ArtifactSource = string | Uint8Array;

export interface ArtifactStoreOptions {
  /** Folder of the verified blobs on this machine; shared by all processes. */
  readonly cacheFolder: string;
  /** What the cached blobs may take on disk, in bytes; default 2 GiB. */
  readonly maxCacheBytes?: number;
  /** How a writer waits for a collection that is taking what it needs; for tests. */
  readonly waiting?: Waiting;
}

/** What stages read on the machine that stored it, as a rule: only of these there is a copy in its cache, where they fit. */
const read: ReadonlySet<ArtifactKind> = new Set(['base-model', 'adapter', 'dataset', 'tokens']);

interface Content {
  readonly digest: Digest;
  readonly bytes: number;
  /** What goes up. */
  readonly body: ObjectBody;
}

/**
 * Content-addressed artifacts: blobs first, then the manifest that names them. Equal content is stored once, and has
 * the same reference whoever stores it. Everything is verified against its digest when it is read.
 */
export class ArtifactStore {
  readonly #cache: BlobCache;
  readonly #maxCacheBytes: number;
  readonly #waiting: Waiting | undefined;

  constructor(
    readonly store: ObjectStore,
    options: ArtifactStoreOptions,
  ) {
    this.#maxCacheBytes = options.maxCacheBytes ?? 2 * 2 ** 30;
    this.#cache = new BlobCache(store, options.cacheFolder, this.#maxCacheBytes);
    this.#waiting = options.waiting;
  }

  /**
   * Stores files by their relative path in the artifact, of any size in little memory. `meta` must not hold times or run ids.
   * `rewrite`: what is there under an address may be damaged, so that everything is written again.
   * @throws TemperError DATA_INVALID for a file that changed while it was stored
   */
  async putArtifact<K extends ArtifactKind>(
    kind: K,
    files: Readonly<Record<string, ArtifactSource>>,
    meta: ArtifactMeta[K],
    options: { readonly rewrite?: boolean } = {},
  ): Promise<ArtifactRef<K>> {
    const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [path] of entries) checkArtifactPath(path);
    const cached = read.has(kind) && (await this.#fits(entries.map(([, source]) => source)));
    const contents = await eachLimited(entries, 4, ([, source]) => this.#content(source, cached));
    const stored = entries.map(([path], i): ArtifactFile => ({
      path,
      digest: contents[i]!.digest,
      bytes: contents[i]!.bytes,
    }));
    const manifest: ArtifactManifest<K> = { version: 1, kind, files: stored, meta };
    const text = canonicalJson(manifest);
    const digest = digestOfBytes(text);
    const { swept } = await holdArtifact(this.store, digest, manifest, this.#waiting);
    const rewrite = { rewrite: swept || options.rewrite === true };
    await eachLimited(contents, 4, (content) => this.#putContent(content, rewrite));
    await this.#putOnce(manifestKey(digest), encode(text), rewrite);
    return this.ref(kind, digest);
  }

  /** Stores one blob if the store does not have it. */
  async putBlob(
    source: ArtifactSource,
    options: { readonly rewrite?: boolean } = {},
  ): Promise<{ digest: Digest; bytes: number }> {
    const content = await this.#content(source);
    const { digest, bytes } = content;
    const { swept } = await holdKeys(this.store, digest, [blobKey(digest)], this.#waiting);
    await this.#putContent(content, { rewrite: swept || options.rewrite === true });
    return { digest, bytes };
  }

  /**
   * Makes sure of what was stored before: from now on no collection takes it, for as long as the run goes on in whose name
   * this is called. Returns whether all of it is there; `part`: of a checkpoint that is not trained on, the weights.
   */
  secure(ref: ArtifactRef, part: Part = 'whole'): Promise<boolean> {
    return secureArtifact(this.store, ref, { part, waiting: this.#waiting });
  }

  /** The same for a single blob, by its key. */
  secureBlob(key: string): Promise<boolean> {
    return secureBlob(this.store, key, this.#waiting);
  }

  /** A copy in the cache is what was hashed, whatever its owner writes to the file; else the file is hashed again as it goes up. */
  async #content(source: ArtifactSource, cached = false): Promise<Content> {
    if (source instanceof Uint8Array)
      return { digest: digestOfBytes(source), bytes: source.length, body: source };
    if (cached) return this.#cache.add(source);
    const hashed = await digestOfFile(source);
    return { ...hashed, body: unchangedFile(source, hashed) };
  }

  /** An artifact whose files are more than the cache may hold would push out all others, and itself. */
  async #fits(sources: readonly ArtifactSource[]): Promise<boolean> {
    const files = sources.filter((source) => typeof source === 'string');
    const sizes = await eachLimited(files, 8, async (file) => (await stat(file)).size);
    return sizes.reduce((sum, size) => sum + size, 0) <= this.#maxCacheBytes;
  }

  async #putContent({ digest, bytes, body }: Content, { rewrite = false }): Promise<void> {
    const key = blobKey(digest);
    if (body instanceof Uint8Array) return this.#putOnce(key, body, { rewrite });
    const isThere = !rewrite && (await this.store.head(key))?.size === bytes;
    if (!isThere) await this.store.put(key, body);
  }

  ref<K extends ArtifactKind>(kind: K, digest: Digest): ArtifactRef<K> {
    return { kind, digest, uri: uriOf(this.store, manifestKey(digest)) };
  }

  async has(ref: Pick<ArtifactRef, 'digest'>): Promise<boolean> {
    return (await this.store.head(manifestKey(ref.digest))) !== undefined;
  }

  /** The manifest and every blob that it names are there, in their full size. */
  async isComplete(ref: ArtifactRef): Promise<boolean> {
    if (!(await this.has(ref))) return false;
    const { files } = await this.manifest(ref);
    const there = await eachLimited(files, 4, async ({ digest, bytes }) => {
      return (await this.store.head(blobKey(digest)))?.size === bytes;
    });
    return there.every(Boolean);
  }

  /** The manifest, verified; NOT_FOUND where there is none. */
  async manifest<K extends ArtifactKind>(ref: ArtifactRef<K>): Promise<ArtifactManifest<K>> {
    const manifest = await this.manifestOf(ref.digest);
    if (manifest.kind !== ref.kind) {
      throw new TemperError('NOT_FOUND', {
        path: ref.uri,
        message: 'the artifact is of another kind',
        found: manifest.kind,
        allowed: ref.kind,
      });
    }
    return manifest as unknown as ArtifactManifest<K>;
  }

  /** The manifest of a digest whose kind is not known. */
  manifestOf(digest: Digest): Promise<ArtifactManifest> {
    return readManifest(this.store, digest);
  }

  /**
   * Puts the files (all, or those named) under a folder, as read-only hard links of the cached blobs where possible.
   * Copy a file before changing it.
   */
  async materialize(ref: ArtifactRef, folder: string, paths?: readonly string[]): Promise<void> {
    const { files } = await this.manifest(ref);
    const wanted = paths ? paths.map((path) => fileOf(ref, files, path)) : files;
    await eachLimited(wanted, 4, async (file) => {
      // The manifest may have been written by others: its paths are checked again before they reach the disk.
      checkArtifactPath(file.path);
      await intact(ref, file, this.#cache.materialize(file.digest, join(folder, file.path)));
    });
  }

  /** One file's content, verified. For small files: the whole of it is held in memory. */
  async readFile(ref: ArtifactRef, path: string): Promise<Uint8Array> {
    const { files } = await this.manifest(ref);
    const file = fileOf(ref, files, path);
    return readFile(await intact(ref, file, this.#cache.path(file.digest)));
  }

  /** The first bytes of a file that a manifest names, at most all of it: read by range, and not verified. */
  async readBeginning({ digest, bytes }: ArtifactFile, count: number): Promise<Uint8Array> {
    const key = blobKey(digest);
    const found = await this.store.getStream(key, count < bytes ? { first: count } : {});
    if (!found) throw new TemperError('NOT_FOUND', { path: key, message: 'the store has no such blob' });
    const parts: Uint8Array[] = [];
    for await (const part of found.stream) parts.push(part);
    return Buffer.concat(parts);
  }

  /** One JSON file's content. */
  async readJson<T>(ref: ArtifactRef, path: string): Promise<T> {
    return parseJson<T>(await this.readFile(ref, path));
  }

  /** The key is the content's address, so "already there" is as good as written. */
  async #putOnce(key: string, bytes: Uint8Array, { rewrite = false } = {}): Promise<void> {
    try {
      await this.store.put(key, bytes, rewrite ? {} : { ifNoneMatch: '*' });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

/** A model's file that stays another one however often it is fetched was changed: nobody need try again. */
function intact<T>(ref: ArtifactRef, { path, digest }: ArtifactFile, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (ref.kind !== 'model' || !(error instanceof TemperError) || error.code !== 'BLOB_CORRUPT') throw error;
    throw new TemperError(
      'MODEL_CHANGED',
      {
        path,
        message: 'this file of the model is not the one that was published',
        found: error.problems[0]?.found,
        allowed: digest,
      },
      { cause: error },
    );
  });
}

function fileOf(ref: ArtifactRef, files: readonly ArtifactFile[], path: string): ArtifactFile {
  const file = files.find((candidate) => candidate.path === path);
  if (file) return file;
  throw new TemperError('NOT_FOUND', {
    path,
    message: `not a file of ${ref.kind} ${ref.digest}`,
    allowed: files.map((candidate) => candidate.path).join(', '),
  });
}
