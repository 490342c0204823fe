import { createHash } from 'node:crypto';
import type { Digest, DownloadSpec } from '@temper/contracts';
import type { ArtifactStore, ObjectStore } from '@temper/storage';
import { createReadStream } from 'node:fs';
import { relative, sep } from 'node:path';

/** What a source may be made of: rows for training, or the files of a base model. */
export interface ResolveOptions {
  /** Fetched files are kept here. */
  readonly cacheFolder: string;
  /** Relative paths are relative to this, usually the folder of the spec. */
  readonly baseFolder: string;
  /** For `s3://` sources: the store of that bucket, with the keys of that name. */
  readonly store?: ((bucket: string, credential?: string) => ObjectStore) | ObjectStore | undefined;
  /** For `stored:` sources: what the run's own store holds. */
  readonly artifacts?: Pick<ArtifactStore, 'ref' | 'manifest' | 'materialize'> | undefined;
  /** Of `http(s)://` sources; default: those of a spec that says nothing. */
  readonly limits?: DownloadSpec | undefined;
  readonly signal?: AbortSignal | undefined;
  /** To look at only: of large files of `s3:`, `http(s):` and `hf:` no more than their beginning is fetched. */
  readonly headsOnly?: boolean | undefined;
  /** `limits.maxBytes` holds for each file of `s3:` and `hf:` too, as their listings announce it and as it comes. */
  readonly bounded?: boolean | undefined;
}

/** The local files of a source. */
export interface ResolvedSource {
  readonly uri: string;
  /** The folder that the files' names are relative to. */
  readonly folder: string;
  /** Absolute paths, sorted by name. */
  readonly files: readonly string[];
  /** SHA-256 over the names and contents. */
  readonly digest: Digest;
  /** What the user should know about it: that an older copy was used, say. */
  readonly notes: readonly string[];
}

/** Files found by one kind of source, before they are hashed. */
export interface FoundFiles {
  readonly folder: string;
  readonly files: readonly string[];
  readonly notes?: readonly string[] | undefined;
  /** Only the beginning of some files is there (`headsOnly`): of weights the header, of data the first rows. */
  readonly cut?: boolean | undefined;
}

/** Where a base model is to be looked for: the one file, or the folder of all. */
export const modelPath = ({ folder, files }: FoundFiles): string => (files.length === 1 ? files[0]! : folder);

/** The name of a file inside its source, with `/`. */
export const nameIn = (folder: string, file: string) => relative(folder, file).split(sep).join('/');

/** SHA-256 of the lines `NAME\0SHA256(content)\n`, sorted by name; contents are streamed. */
export async function digestFiles({ folder, files }: FoundFiles): Promise<Digest> {
  const total = createHash('sha256');
  const named = files.map((file) => ({ file, name: nameIn(folder, file) }));
  for (const { file, name } of named.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const content = createHash('sha256');
    for await (const chunk of createReadStream(file)) content.update(chunk as Buffer);
    total.update(`${name}\0${content.digest('hex')}\n`);
  }
  return `sha256:${total.digest('hex')}`;
}
