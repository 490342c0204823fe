import { storedName, TemperError } from '@temper/contracts';
import { join } from 'node:path';
import type { FoundFiles, ResolveOptions } from '../source.js';

/** `stored:DIGEST/NAME`: files that a client put into the run's own store, since no worker sees them where they lie. */
export async function storedFiles(text: string, options: ResolveOptions): Promise<FoundFiles> {
  const { digest, name } = storedName(text)!;
  const { artifacts, cacheFolder } = options;
  if (!artifacts) {
    throw new TemperError('STORE_REFUSED', { path: `stored:${text}`, message: 'no store to read it from' });
  }
  const ref = artifacts.ref('source', digest);
  const { files } = await artifacts.manifest(ref).catch((error: unknown) => {
    if (!(error instanceof TemperError) || error.code !== 'NOT_FOUND') throw error;
    throw new TemperError('NOT_FOUND', {
      path: name,
      message: 'the store no longer has what was stored of it',
      found: digest,
      hint: 'start the run again from the machine that has it',
    });
  });
  const folder = join(cacheFolder, 'stored', digest.slice('sha256:'.length));
  // Each time: whoever changed a file here since has changed no data set.
  await artifacts.materialize(ref, folder);
  return { folder, files: files.map(({ path }) => join(folder, path)).sort() };
}
