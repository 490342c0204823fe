import { join } from 'node:path';
import { TemperClient } from '@temper/client';
import type { Provider } from '@temper/contracts';
import { createS3Store } from '@temper/s3';
import { runningServices, startServices } from '@temper/services';
import { ArtifactStore, type ObjectStore } from '@temper/storage';
import { workersAreElsewhere } from '../elsewhere/here.js';
import type { Terminal } from '../terminal.js';
import { clientInterceptors } from '../tracing.js';
import { Closing } from './closing.js';
import { homeFolder, whereLooked } from './home.js';
import { WorkerProcess } from './worker-process.js';

/** Servers, a client and workers, for the time of a command. */
export interface Session extends AsyncDisposable {
  readonly client: TemperClient;
  readonly store: ObjectStore;
  readonly artifacts: ArtifactStore;
  readonly home: string;
  /** The store is the folder's own. */
  readonly embedded: boolean;
  readonly uiUrl: string | undefined;
  /** Servers of others, and so the workers may be other machines. */
  readonly elsewhere: boolean;
  /** The servers, or the workers, end with this command. */
  readonly temporary: boolean;
  /** A client at the servers' new address, where they have been stopped and started again; else undefined. */
  moved(): Promise<TemperClient | undefined>;
  /** Starts a worker of each pool where none polls. */
  ensureWorkers(pools: readonly Provider[]): Promise<void>;
}

/** Joins what runs (`temper up`, or `TEMPORAL_ADDRESS` and `S3_ENDPOINT`), else starts the embedded services. */
export async function openSession(terminal: Terminal): Promise<Session> {
  const folder = homeFolder();
  await using opened = new Closing();
  const services = opened.use(await startServices({ folder, report: (line) => terminal.note(line) }));
  const env = { ...services.env, TEMPER_HOME: folder };
  const store = createS3Store({ ...process.env, ...env });
  opened.use({ [Symbol.asyncDispose]: async () => store.close() });
  const client = opened.use(
    await TemperClient.connect({
      environment: { ...process.env, ...env },
      store,
      interceptors: await clientInterceptors(),
    }),
  );
  const started = !services.joined && !(services.temporal.external && services.s3.external);
  if (started) {
    terminal.note('nothing was running: Temporal and S3 are started for the time of this command');
    terminal.note(whereLooked());
  }
  let temporary = started;
  let address = services.temporal.address;
  const owned = opened.move();
  return {
    client,
    store,
    artifacts: new ArtifactStore(store, { cacheFolder: join(folder, 'cache') }),
    home: folder,
    embedded: !services.s3.external,
    uiUrl: services.temporal.uiUrl,
    elsewhere: workersAreElsewhere(),
    get temporary() {
      return temporary;
    },
    async moved() {
      const now = await runningServices({ folder }).catch(() => undefined);
      if (!now || now.temporal.address === address) return undefined;
      const environment = { ...process.env, ...now.env };
      const client = await TemperClient.connect({ environment, store }).catch(() => undefined);
      if (!client) return undefined;
      address = now.temporal.address;
      return owned.use(client);
    },
    async ensureWorkers(pools) {
      for (const pool of pools) {
        if ((await client.workers(pool)).length) continue;
        owned.use(await WorkerProcess.start(pool, env));
        if (!temporary)
          terminal.note(`no ${pool} worker was running: one is started for the time of this command`);
        temporary = true;
      }
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}
