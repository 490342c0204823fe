import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TemperError } from '@temper/contracts';
import { serverBinary } from './binaries.js';
import { folderCredentials } from './credentials.js';
import { EndedAtStart, portAnswers, untilHealthy, type Starting } from './health.js';
import { knownState } from './known-state.js';
import { joinSupervisor, superviseNew, type Lease } from './lease.js';
import { endLeftOvers } from './left-overs.js';
import { requirePort } from './ports.js';
import { s3Healthy, s3Order } from './s3-server.js';
import { socketPath } from './socket-path.js';
import { writeState, type ServicesState } from './state.js';
import type { ServerOrder } from './supervision.js';
import { temporalHealthy, temporalOrder, type UiPort } from './temporal-server.js';

export interface Embedded {
  readonly lease: Lease;
  readonly state: ServicesState;
  readonly joined: boolean;
}

/** Which of the two servers this folder has to run; the other one is external. */
export interface Wanted {
  readonly temporal: boolean;
  readonly s3: boolean;
}

export interface EmbeddedOptions {
  readonly wanted: Wanted;
  readonly temporary: boolean;
  /** Of Temporal's UI; default a free one. */
  readonly uiPort?: UiPort | undefined;
  readonly report: (line: string) => void;
}

/** Another program may take a port between its choice and its use. */
const ATTEMPTS = 3;
const RESTART_LIMIT_MS = 15_000;
const LOG_LIMIT = 20 * 2 ** 20;

/** Joins the servers of a folder, or starts them. The caller holds the folder's lock. */
export async function embeddedServers(folder: string, options: EmbeddedOptions): Promise<Embedded> {
  const joined = await joinRunning(folder, options.wanted);
  if (joined) return joined;
  await endLeftOvers(folder);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(folder, options);
    } catch (error) {
      if (!(error instanceof EndedAtStart) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function joinRunning(folder: string, wanted: Wanted): Promise<Embedded | undefined> {
  const state = await knownState(folder);
  if (!state) return undefined;
  const lease = await joinSupervisor(state.socket);
  if (!lease) return undefined;
  const missing = (['temporal', 's3'] as const).filter((name) => wanted[name] && !state[name]);
  if (!missing.length) return (await answering(state, lease)) ? { lease, state, joined: true } : undefined;
  await lease.release();
  throw new TemperError('SERVICE_UNAVAILABLE', {
    path: folder,
    message: `the services that run in this folder have no ${missing.join(' and no ')} of their own`,
    hint: 'set the same TEMPORAL_ADDRESS and S3_ENDPOINT as for their start, or stop them with `temper down`',
  });
}

/** A server that crashed is restarted by its supervisor: that is waited for, but not a supervisor that is gone. */
async function answering({ temporal, s3 }: ServicesState, lease: Lease): Promise<boolean> {
  const addresses = [temporal?.address, s3 && new URL(s3.endpoint).host].filter((a) => a !== undefined);
  const end = Date.now() + RESTART_LIMIT_MS;
  while (!lease.closed && Date.now() < end) {
    const answers = await Promise.all(addresses.map((address) => portAnswers(address)));
    if (answers.every(Boolean)) return !lease.closed;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!lease.closed) await lease.stop();
  return false;
}

async function start(
  folder: string,
  { wanted, temporary, uiPort, report }: EmbeddedOptions,
): Promise<Embedded> {
  if (typeof uiPort === 'number') await requirePort('--ui-port', uiPort);
  await prepare(folder);
  const credentials = await folderCredentials(folder);
  const [temporal, s3] = await Promise.all([
    wanted.temporal
      ? serverBinary('temporal', report).then((binary) => temporalOrder(folder, binary, uiPort))
      : undefined,
    wanted.s3
      ? serverBinary('seaweedfs', report).then((binary) => s3Order(folder, binary, credentials))
      : undefined,
  ]);
  const starting: Starting[] = [];
  if (temporal) {
    const { order, running } = temporal;
    starting.push({ order, address: running.address, check: () => temporalHealthy(running) });
  }
  if (s3) {
    const { order, running } = s3;
    starting.push({
      order,
      address: new URL(running.endpoint).host,
      check: () => s3Healthy(running, credentials),
    });
  }
  const servers = starting.map(({ order }) => order);
  const logStarts = await Promise.all(servers.map(turnLog));
  const socket = socketPath(folder, 'supervisor');
  const lease = await superviseNew({ folder, socket, servers, temporary });
  try {
    await Promise.all(starting.map((server, i) => untilHealthy(server, lease, logStarts[i]!)));
  } catch (error) {
    await lease.stop();
    throw error;
  }
  const state: ServicesState = {
    version: 1,
    supervisor: lease.supervisor,
    socket,
    startedAt: new Date().toISOString(),
    temporal: temporal?.running,
    s3: s3?.running,
  };
  writeState(folder, state);
  lease.send('ready');
  return { lease, state, joined: false };
}

async function prepare(folder: string): Promise<void> {
  await mkdir(join(folder, 's3'), { recursive: true, mode: 0o700 });
  // SeaweedFS makes new verbose logs at every start: only the newest ones are kept.
  await rm(join(folder, 'logs', 's3'), { recursive: true, force: true });
  await mkdir(join(folder, 'logs', 's3'), { recursive: true, mode: 0o700 });
  // Credentials and data must not end in somebody's repository.
  await writeFile(join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch(ignoreExisting);
}

const ignoreExisting = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EEXIST') throw error;
};

/** Begins a new log where the old one is long. Returns its length in bytes. */
async function turnLog({ log }: ServerOrder): Promise<number> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= LOG_LIMIT) return size;
  await rename(log, `${log}.1`);
  return 0;
}
