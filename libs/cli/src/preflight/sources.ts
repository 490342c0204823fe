import { cacheFolder, runningServices } from '@temper/services';
import { bucketsOf, createS3Store, createSourceStore, s3ConfigFrom } from '@temper/s3';
import { s3Address } from '@temper/contracts';
import { type PipelineSpec } from '@temper/spec';
import { locateSource, type FoundFiles } from '@temper/sources';
import type { ObjectStore } from '@temper/storage';
import { homeFolder } from '../services/home.js';

/**
 * Local files of a source, fetched into the shared cache where it is remote; of large files of s3:, http(s): and hf: only
 * their beginning (`cut`): what needs every row or weight, ingest tells in the same words. Undefined for what lies in an object store
 * that does not run yet: then the stage itself tells.
 */
export async function fetched(
  uri: string,
  { download: limits }: Pick<PipelineSpec, 'download'>,
  { locate = locateSource } = {},
): Promise<FoundFiles | undefined> {
  const own = needsStore(uri) ? await reachableStore() : undefined;
  if (needsStore(uri) && !own) return undefined;
  return locate(uri, {
    limits,
    headsOnly: true,
    cacheFolder: cacheFolder(),
    baseFolder: process.cwd(),
    store: own ? bucketsOf(own) : (bucket) => createSourceStore(bucket),
  });
}

/** Sources that only Temper's own store has: published models, and objects of its bucket. */
export function needsStore(uri: string): boolean {
  const bucket = s3ConfigFrom(process.env['S3_ENDPOINT'] ? process.env : {}).bucket;
  return uri.startsWith('model:') || s3Address(uri)?.bucket === bucket;
}

/** The object store that runs for this folder, or that the environment names. */
export async function reachableStore(): Promise<ObjectStore | undefined> {
  const services = await runningServices({ folder: homeFolder() });
  return services && createS3Store({ ...process.env, ...services.env });
}
