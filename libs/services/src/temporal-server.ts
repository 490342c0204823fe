import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '@temper/contracts';
import type { ServerBinary } from './binaries.js';
import { freePorts } from './ports.js';
import type { RunningTemporal } from './state.js';
import type { ServerOrder } from './supervision.js';

const NAMESPACE = 'default';
/** How long finished runs stay in Temporal's own lists. (Results and metrics are in the object store for good.) */
const RETENTION_SECONDS = 30 * 24 * 3600;

/**
 * What the dev server leaves off. Tasks of a queue are dealt by the weights of their fairness keys; without it they come
 * as they are read. Priorities and weights hold within a partition of a queue, so that each queue has one: with the
 * default four, starts only tend to follow them.
 */
const dynamicConfig = [
  // On by default: the version, the database and the machine's platform are told to version-info.temporal.io.
  'frontend.enableServerVersionCheck=false',
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  // How many wait, as of now: a training that gives way asks every two seconds.
  'matching.TaskQueueInfoByBuildIdTTL="1s"',
  // A run that is alone waited up to 50 ms for each of its tasks: the default lets the queue of tasks be read 20 times a second.
  'history.transferProcessorMaxPollRPS=200',
  // Done tasks lie in their tables until then, and the look for the next timer passes over them: at 30 seconds, the
  // default, the server's share of a run grew by a fifth within a minute of 20 runs a second.
  'history.timerProcessorUpdateAckInterval="2s"',
  'history.transferProcessorUpdateAckInterval="5s"',
  'history.visibilityProcessorUpdateAckInterval="5s"',
  // Whether a build still has runs is seen within seconds; three minutes are meant for large clusters.
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod="10s"',
  'matching.wv.VersionDrainageStatusRefreshInterval="10s"',
] as const;

/**
 * One write-ahead log, synced when it is folded into the file, instead of two syncs a transaction: half again as many
 * runs a second. What was acknowledged outlives a kill of the server; a power cut may lose the last moments of it, and
 * never damages the file (https://sqlite.org/pragma.html#pragma_synchronous).
 */
const sqlitePragmas = ['journal_mode=WAL', 'synchronous=NORMAL', 'locking_mode=EXCLUSIVE'] as const;

/** Of Temporal's UI: a port, or that it is not started. */
export type UiPort = number | 'none';

/** The official dev server, all its state in one SQLite file. */
export async function temporalOrder(
  folder: string,
  binary: ServerBinary,
  uiPort?: UiPort,
): Promise<{ order: ServerOrder; running: RunningTemporal }> {
  const [port, http, metrics, free] = await freePorts(4);
  const ui = uiPort === 'none' ? undefined : (uiPort ?? free);
  const attributes = searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  const config = dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]);
  const pragmas = sqlitePragmas.flatMap((value) => ['--sqlite-pragma', value]);
  const order: ServerOrder = {
    name: 'temporal',
    command: binary.path,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`],
      ...(ui === undefined ? ['--headless'] : ['--ui-port', `${ui}`]),
      ...['--http-port', `${http}`, '--metrics-port', `${metrics}`, '--ui-disable-news-fetch'],
      ...['--db-filename', join(folder, 'temporal.db'), '--log-level', 'warn'],
      ...[...pragmas, ...config, ...attributes],
    ],
    // HOME: the CLI's own configuration of this user must not change what is started. USER: the server ends at its start for a
    // user that the system has no name for, as in containers.
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      USER: process.env['USER'] || 'temper',
      GOGC: '400',
    },
    log: join(folder, 'logs', 'temporal.log'),
    litter: [],
  };
  return {
    order,
    running: {
      address: `127.0.0.1:${port}`,
      ...(ui === undefined ? {} : { uiUrl: `http://127.0.0.1:${ui}` }),
      namespace: NAMESPACE,
      version: binary.version,
    },
  };
}

/** Throws until the server answers for the namespace; then sets what the dev server has no flag for. */
export async function temporalHealthy(
  running: Pick<RunningTemporal, 'address' | 'namespace'>,
): Promise<void> {
  const connection = await Connection.connect({ address: running.address, connectTimeout: 2_000 });
  try {
    await connection.withDeadline(Date.now() + 5_000, async () => {
      const { namespace } = running;
      await connection.workflowService.describeNamespace({ namespace });
      const registered = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = searchAttributes.filter((name) => !registered.customAttributes?.[name]);
      if (missing.length) throw new Error(`not registered yet: ${missing.join(', ')}`);
      await connection.workflowService.updateNamespace({
        namespace,
        config: {
          workflowExecutionRetentionTtl: { seconds: RETENTION_SECONDS as unknown as Long, nanos: 0 },
        },
      });
    });
  } finally {
    await connection.close();
  }
}
