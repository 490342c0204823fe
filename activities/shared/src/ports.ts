import { join, resolve } from 'node:path';
import { ArtifactStore, Registry, RunStore, StageCache, type ObjectStore } from '@temper/storage';

/** Milliseconds between the heartbeats of a stage, where nothing else is asked for. */
export const DEFAULT_BEAT = 2_000;

/** What every stage works with. Adapters are chosen by the worker. */
export interface StagePorts {
  readonly store: ObjectStore;
  /** Of `s3://` sources, which may lie in another bucket than ours. */
  readonly buckets: (bucket: string, credential?: string) => ObjectStore;
  readonly artifacts: ArtifactStore;
  readonly registry: Registry;
  readonly runs: RunStore;
  readonly cache: StageCache;
  /** Folder of this machine for verified blobs, converted models and scratch space; `TEMPER_HOME`. */
  readonly home: string;
  /** Converted base models, shared by runs. */
  readonly modelsFolder: string;
  /** A run's folder in it is kept between attempts and is rebuilt where it is missing. */
  readonly workFolder: string;
  /** Fetched packages and downloads, shared by all projects of this user. */
  readonly fetchFolder: string;
  /** What relative paths in a spec are relative to. */
  readonly baseFolder: string;
  /** Milliseconds between the heartbeats of a stage. */
  readonly heartbeatInterval?: number | undefined;
}

/** All that a stage needs follows from an object store and a folder of this machine. */
export interface StagePortsOptions {
  readonly store: ObjectStore;
  /** Default: the store itself, for its own bucket alone. */
  readonly buckets?: ((bucket: string, credential?: string) => ObjectStore) | undefined;
  /** For caches and scratch space; default TEMPER_HOME, else `.temper`. */
  readonly home?: string | undefined;
  /** Default: inside `home`. */
  readonly fetchFolder?: string | undefined;
  /** Default: the folder of the process. */
  readonly baseFolder?: string | undefined;
  /** Milliseconds between the heartbeats of a stage, 100 to 60,000; default 2,000. At most two in that time reach the server. */
  readonly heartbeatInterval?: number | undefined;
}

export function stagePorts({
  store,
  buckets,
  baseFolder = '.',
  heartbeatInterval,
  ...folders
}: StagePortsOptions): StagePorts {
  const home = resolve(folders.home ?? (process.env['TEMPER_HOME'] || '.temper'));
  const cacheFolder = join(home, 'cache');
  return {
    store,
    buckets: buckets ?? (() => store),
    artifacts: new ArtifactStore(store, { cacheFolder }),
    registry: new Registry(store),
    runs: new RunStore(store),
    cache: new StageCache(store),
    home,
    modelsFolder: join(cacheFolder, 'models'),
    workFolder: join(home, 'work'),
    fetchFolder: resolve(folders.fetchFolder ?? join(home, 'fetched')),
    baseFolder: resolve(baseFolder),
    heartbeatInterval,
  };
}
