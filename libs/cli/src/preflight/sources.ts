import { cacheFolder, runningServices } from '@temper/services';
import { createS3Store } from '@temper/s3';
import type { PipelineSpec } from '@temper/contracts';
import { locateSource, type FoundFiles } from '@temper/sources';
import type { ObjectStore } from '@temper/storage';
import { homeFolder } from '../services/home.js';
import { needsStore } from '../spec/paths.js';

/**
 * Local files of a source, fetched into the shared cache where it is remote; of large files of s3:, http(s): and hf: only
 * their beginning (`cut`): what needs every row or weight, ingest tells in the same words. Undefined for what lies in an object store
 * that does not run yet: then the stage itself tells.
 */
export async function fetched(
  uri: string,
  { download: limits }: Pick<PipelineSpec, 'download'>,
): Promise<FoundFiles | undefined> {
  const store = needsStore(uri) ? await reachableStore() : undefined;
  if (needsStore(uri) && !store) return undefined;
  return locateSource(uri, {
    limits,
    headsOnly: true,
    cacheFolder: cacheFolder(),
    baseFolder: process.cwd(),
    ...(store ? { store } : {}),
  });
}

/** The object store that runs for this folder, or that the environment names. */
export async function reachableStore(): Promise<ObjectStore | undefined> {
  const services = await runningServices({ folder: homeFolder() });
  return services && createS3Store({ ...process.env, ...services.env });
}
