import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { embeddedEnvironment, namesTemporal } from '@temper/connection';
import { s3Environment } from '@temper/s3';
import { embeddedServers } from './embedded.js';
import { runningCredentials } from './credentials.js';
import { probeS3, probeTemporal, type Environment } from './external.js';
import { knownState } from './known-state.js';
import { joinSupervisor, type Lease } from './lease.js';
import { endLeftOvers } from './left-overs.js';
import { withLock } from './lock.js';
import { UnreadableState } from './private-file.js';
import { socketPath } from './socket-path.js';
import { stateFolder } from './state-folder.js';
import type { UiPort } from './temporal-server.js';
import { forgetState, readState, type ServicesState } from './state.js';

export interface TemporalService {
  readonly address: string;
  readonly namespace: string;
  /** The Web UI; unknown for an external server. */
  readonly uiUrl?: string | undefined;
  readonly external: boolean;
}

export interface S3Service {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** undefined where the AWS SDK finds the keys by itself. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly external: boolean;
}

/** Where Temporal and the object store are. */
export interface ServiceAddresses {
  /** Absolute. */
  readonly folder: string;
  readonly temporal: TemporalService;
  readonly s3: S3Service;
  /** To add to the environment of child processes: TEMPORAL_*, S3_*, TEMPER_HOME. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Services extends ServiceAddresses, AsyncDisposable {
  /** The servers were running already. */
  readonly joined: boolean;
  /**
   * This process needs the servers no longer. They end with their last user; returns whether they have ended.
   * External ones are left alone.
   */
  stop(): Promise<boolean>;
  /** Resolves when the embedded servers have been stopped, by whomever; never for external ones. */
  readonly ended: Promise<void>;
  /** Let the servers go on when nobody uses them, until `stopServices`. */
  detach(): void;
}

export interface ServicesOptions {
  /** Holds all state; default `.temper`. */
  readonly folder?: string;
  /** Default process.env. TEMPORAL_ADDRESS (or a profile) and S3_ENDPOINT name external servers to be used instead. */
  readonly env?: Environment;
  /** Of Temporal's UI, for servers that are not running yet; default a free one; `none`: without it. */
  readonly uiPort?: UiPort | undefined;
  /** Told what takes long, one line each. */
  readonly report?: (line: string) => void;
  /** Remove the folder with the servers, for tests. */
  readonly temporary?: boolean;
}

const defaultFolder = '.temper';

/**
 * Temporal and S3, ready to use: external ones where the environment names them, else the folder's own, joined if they
 * run already and started if not. They end with the last process that uses them, however it ends.
 */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const { folder, env } = settings(options);
  const report = options.report ?? (() => undefined);
  const wanted = { temporal: !namesTemporal(env), s3: !env['S3_ENDPOINT'] };
  const temporary = options.temporary ?? false;
  await stateFolder(folder);
  const external = await externalServices(env);
  const embedded =
    wanted.temporal || wanted.s3
      ? await withLock(folder, () =>
          embeddedServers(folder, { wanted, report, temporary, uiPort: options.uiPort }),
        )
      : undefined;
  const addresses = await addressesOf(folder, embedded?.state, external);
  return claimed(addresses, embedded?.lease, embedded?.joined ?? true);
}

/** The services that run for a folder (or that the environment names), without using them; undefined if they do not. */
export async function runningServices(options: ServicesOptions = {}): Promise<ServiceAddresses | undefined> {
  const { folder, env } = settings(options);
  const alive = await knownState(folder);
  const complete = (namesTemporal(env) || alive?.temporal) && (env['S3_ENDPOINT'] || alive?.s3);
  return complete ? addressesOf(folder, alive, await externalServices(env)) : undefined;
}

/** Ends the servers of a folder, whoever uses them; returns whether any ran. */
export async function stopServices(options: ServicesOptions = {}): Promise<boolean> {
  const { folder } = settings(options);
  // Nothing runs for a folder that is not there, and looking for it must not make it.
  if (!existsSync(join(folder, '.'))) return false;
  return withLock(folder, async () => {
    const state = await readState(folder).catch((error: unknown) => {
      // Its supervisor is found without the file.
      if (error instanceof UnreadableState) return undefined;
      throw error;
    });
    const lease = await joinSupervisor(state?.socket ?? socketPath(folder, 'supervisor'));
    if (lease && (await lease.stop())) {
      await forgetState(folder);
      return true;
    }
    return endLeftOvers(folder);
  });
}

const settings = ({ folder, env }: ServicesOptions) => ({
  folder: resolve(folder ?? defaultFolder),
  env: env ?? process.env,
});

interface External {
  readonly temporal?: TemporalService | undefined;
  readonly s3?: S3Service | undefined;
}

async function externalServices(env: Environment): Promise<External> {
  const [temporal, s3] = await Promise.all([
    namesTemporal(env) ? probeTemporal(env) : undefined,
    env['S3_ENDPOINT'] ? probeS3(env) : undefined,
  ]);
  return {
    temporal: temporal && { ...temporal, external: true },
    s3: s3 && { ...s3, external: true },
  };
}

async function addressesOf(
  folder: string,
  state: ServicesState | undefined,
  external: External,
): Promise<ServiceAddresses> {
  const temporal = external.temporal ?? { ...state!.temporal!, external: false };
  const s3 = external.s3 ?? { ...state!.s3!, ...(await runningCredentials(folder)), external: false };
  const env = { ...environmentOf(temporal, s3), TEMPER_HOME: folder };
  return { folder, temporal, s3, env };
}

const environmentOf = (temporal: TemporalService, s3: S3Service): Record<string, string> => ({
  ...(temporal.external
    ? { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace }
    : embeddedEnvironment(temporal)),
  ...s3Environment(s3, s3),
  // What is said of another store holds for that one.
  ...(s3.external ? {} : { S3_PROFILE: '', S3_SESSION_TOKEN: '', S3_PATH_STYLE: '', S3_CA_FILE: '' }),
});

function claimed(addresses: ServiceAddresses, lease: Lease | undefined, joined: boolean): Services {
  let released: Promise<boolean> | undefined;
  const stop = () => (released ??= lease ? lease.release() : Promise.resolve(false));
  return {
    ...addresses,
    joined,
    stop,
    ended: lease?.ended ?? new Promise(() => undefined),
    detach: () => lease?.send('detach'),
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
