import type { Locate, OwnStore, Sight } from '@temper/check';
import { s3Address, shownSource, TemperError, type DownloadSpec, type ErrorCode } from '@temper/contracts';
import { bucketsOf, createS3Store, createSourceStore, s3ConfigFrom } from '@temper/s3';
import { cacheFolder, runningServices } from '@temper/services';
import { isLocalSource, locateSource, type FoundFiles } from '@temper/sources';
import { ArtifactStore, Registry, type ObjectStore } from '@temper/storage';
import { join } from 'node:path';
import { isHere } from '@temper/client/pipeline';
import { workersAreElsewhere } from '../elsewhere/here.js';
import { homeFolder } from '../services/home.js';

/** What another machine may reach although this one does not. A name that is not there is a mistake all the same. */
const outOfReach: readonly ErrorCode[] = ['SOURCE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_REFUSED'];

/** The workers have the credential, and this machine need not. */
const isUnnamed = ({ problems }: TemperError) =>
  problems[0]?.path.startsWith('download.credentials') ?? false;

/**
 * What can be looked at from this machine. Remote sources are fetched into the shared cache; of large files of s3:, http(s):
 * and hf: only their beginning (`cut`): what needs every row or weight, ingest tells in the same words.
 */
export class ClientSight implements Sight {
  /** Sources that only the workers may see, and why. */
  readonly unseen = new Map<string, string>();
  readonly #elsewhere = workersAreElsewhere();

  async files(
    uri: string,
    { download: limits }: { readonly download: DownloadSpec },
    locate: Locate = locateSource,
  ): Promise<FoundFiles | undefined> {
    if (this.#elsewhere && isLocalSource(uri) && !(await isHere(uri)))
      return this.#notSeen(uri, 'no such file');
    const own = needsStore(uri) ? await reachableStore() : undefined;
    if (needsStore(uri) && !own) return undefined;
    const options = {
      limits,
      headsOnly: true,
      cacheFolder: cacheFolder(),
      baseFolder: process.cwd(),
      store: own
        ? bucketsOf(own)
        : (bucket: string, credential?: string) => createSourceStore(bucket, { credential }),
      artifacts: own && artifactsOf(own),
    };
    return locate(uri, options).catch((error: unknown) => {
      const isOut = error instanceof TemperError && (outOfReach.includes(error.code) || isUnnamed(error));
      if (!this.#elsewhere || !isOut || isLocalSource(uri)) throw error;
      return this.#notSeen(uri, error.problems[0]?.message ?? error.code);
    });
  }

  async own(): Promise<OwnStore | undefined> {
    const store = await reachableStore();
    return store && { registry: new Registry(store), artifacts: artifactsOf(store) };
  }

  #notSeen(uri: string, why: string): undefined {
    this.unseen.set(uri, `${shownSource(uri)}: ${why}`);
    return undefined;
  }
}

const artifactsOf = (store: ObjectStore) =>
  new ArtifactStore(store, { cacheFolder: join(homeFolder(), 'cache') });

/** Sources that only Temper's own store has: published models, what was stored for workers, and objects of its bucket. */
export function needsStore(uri: string): boolean {
  const bucket = s3ConfigFrom(process.env['S3_ENDPOINT'] ? process.env : {}).bucket;
  return /^(model|stored):/.test(uri) || s3Address(uri)?.bucket === bucket;
}

/** The object store that runs for this folder, or that the environment names. */
async function reachableStore(): Promise<ObjectStore | undefined> {
  const services = await runningServices({ folder: homeFolder() });
  return services && createS3Store({ ...process.env, ...services.env });
}
