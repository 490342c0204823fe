import { readFile, rm } from 'node:fs/promises';
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
import { BlobCache, type Added } from './blob-cache.js';
import { canonicalJson, digestOfBytes } from './digest.js';
import type { Waiting } from './gc/barrier.js';
import type { Part } from './gc/references.js';
import { holdArtifact, holdKeys, secureArtifact, secureBlob } from './gc/secure.js';
import { blobKey, manifestKey, uriOf } from './keys.js';
import type { ObjectStore } from './object-store.js';
import { readManifest } from './manifest.js';
import { eachLimited } from './parallel.js';
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

/** What stages read on the machine that stored it, as a rule: only of these a copy stays in its cache. */
const read: ReadonlySet<ArtifactKind> = new Set(['base-model', 'adapter', 'dataset', 'tokens']);

/** What goes up: bytes, or a file that nobody writes to. */
type Content = { readonly digest: Digest; readonly bytes: number } & (
  { readonly body: Uint8Array } | Pick<Added, 'path'>
);

/**
 * Content-addressed artifacts: blobs first, then the manifest that names them. Equal content is stored once, and has
 * the same reference whoever stores it. Everything is verified against its digest when it is read.
 */
export class ArtifactStore {
  readonly #cache: BlobCache;
  readonly #waiting: Waiting | undefined;

  constructor(
    readonly store: ObjectStore,
    options: ArtifactStoreOptions,
  ) {
    this.#cache = new BlobCache(store, options.cacheFolder, options.maxCacheBytes ?? 2 * 2 ** 30);
    this.#waiting = options.waiting;
  }

  /**
   * Stores files by their relative path in the artifact. `meta` must not hold times or run ids.
   * `rewrite`: what is there under an address may be damaged, so that everything is written again.
   */
  async putArtifact<K extends ArtifactKind>(
    kind: K,
    files: Readonly<Record<string, ArtifactSource>>,
    meta: ArtifactMeta[K],
    options: { readonly rewrite?: boolean } = {},
  ): Promise<ArtifactRef<K>> {
    const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [path] of entries) checkArtifactPath(path);
    // A copy that nobody reads here takes no room after its upload; it is this upload's own, since others may upload the same.
    const keeps = read.has(kind);
    const copies: string[] = [];
    const take = async (source: ArtifactSource) => {
      const content = await this.#content(source, keeps);
      if (!keeps && 'path' in content) copies.push(content.path);
      return content;
    };
    try {
      const contents = await eachLimited(entries, 4, ([, source]) => take(source));
      const paths = entries.map(([path]) => path);
      return await this.#putContents(kind, paths, contents, meta, options);
    } finally {
      for (const copy of copies) await rm(copy, { force: true });
    }
  }

  async #putContents<K extends ArtifactKind>(
    kind: K,
    paths: readonly string[],
    contents: readonly Content[],
    meta: ArtifactMeta[K],
    options: { readonly rewrite?: boolean },
  ): Promise<ArtifactRef<K>> {
    const stored = paths.map((path, i): ArtifactFile => ({
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

  /** Of a file a copy, so that what goes up is what was hashed. */
  async #content(source: ArtifactSource, keep = true): Promise<Content> {
    if (typeof source === 'string') return keep ? this.#cache.add(source) : this.#cache.copyOf(source);
    return { digest: digestOfBytes(source), bytes: source.length, body: source };
  }

  async #putContent({ digest, bytes, ...content }: Content, { rewrite = false }): Promise<void> {
    const key = blobKey(digest);
    if ('body' in content) return this.#putOnce(key, content.body, { rewrite });
    const isThere = !rewrite && (await this.store.head(key))?.size === bytes;
    if (!isThere) await this.store.put(key, { file: content.path });
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
      await this.#cache.materialize(file.digest, join(folder, file.path));
    });
  }

  /** One file's content, verified. For small files: the whole of it is held in memory. */
  async readFile(ref: ArtifactRef, path: string): Promise<Uint8Array> {
    const { files } = await this.manifest(ref);
    return readFile(await this.#cache.path(fileOf(ref, files, path).digest));
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

function fileOf(ref: ArtifactRef, files: readonly ArtifactFile[], path: string): ArtifactFile {
  const file = files.find((candidate) => candidate.path === path);
  if (file) return file;
  throw new TemperError('NOT_FOUND', {
    path,
    message: `not a file of ${ref.kind} ${ref.digest}`,
    allowed: files.map((candidate) => candidate.path).join(', '),
  });
}
