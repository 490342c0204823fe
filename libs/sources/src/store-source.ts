import { schemeOf, shownSource, storedName, type Digest } from '@temper/contracts';
import type { ArtifactStore } from '@temper/storage';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { nameIn, type FoundFiles } from './source.js';

/** A local source that any machine can read now. */
export interface StoredSource {
  /** `stored:DIGEST/NAME`, to be written where its path was. */
  readonly uri: string;
  readonly digest: Digest;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Puts the files of a local source into the store, by content: what is there already is not sent again. Read back, they
 * have the digest that they have here.
 */
export async function storeSource(
  uri: string,
  { folder, files }: FoundFiles,
  artifacts: Pick<ArtifactStore, 'putArtifact'>,
): Promise<StoredSource> {
  const named = Object.fromEntries(files.map((file) => [nameIn(folder, file), file]));
  const { digest } = await artifacts.putArtifact('source', named, {});
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const address = `stored:${digest.slice('sha256:'.length)}/${nameFor(uri)}`;
  return { uri: address, digest, files: files.length, bytes: sizes.reduce((a, b) => a + b, 0) };
}

const nameFor = (uri: string) => nameOfSource(uri).replaceAll(/\p{Cc}/gu, '_') || 'files';

/** Whether it lies, or lay, in somebody's folder. */
export const isOwnFile = (uri: string): boolean => [undefined, 'file', 'stored'].includes(schemeOf(uri));

/** What a source is called in results: a path by its last part, wherever it lies; else the source itself. */
export function nameOfSource(uri: string): string {
  const scheme = schemeOf(uri);
  if (scheme === 'stored') return storedName(uri.slice('stored:'.length))?.name ?? uri;
  return scheme && scheme !== 'file' ? shownSource(uri) : basename(uri);
}
