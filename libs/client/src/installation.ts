import {
  checkedOrchestration,
  DEFAULT_QUEUE_PREFIX,
  queuePrefixOf,
  queuesOf,
  type Orchestration,
  type Queues,
} from '@temper/contracts';

/** What a client knows of the installation whose runs it starts and lists. */
export interface Installation {
  readonly queues: Queues;
  /** Recorded in the input of every workflow; nothing where all is as it is by default. */
  readonly orchestration?: Orchestration | undefined;
}

export interface InstallationOptions {
  /** Of the installation, where several share the namespace; default TEMPER_QUEUE_PREFIX, else `temper`. */
  readonly queuePrefix?: string | undefined;
  /** Where workflows wait for a worker; default `PREFIX-cpu`. */
  readonly taskQueue?: string | undefined;
  /** Queues, timeouts, retries of activities, by their names; what is not given stays as in docs/plugins.md. */
  readonly activities?: Orchestration['activities'];
}

/** @throws TemperError SPEC_INVALID with every mistake in the options. */
export function installationOf(
  { queuePrefix, taskQueue, activities }: InstallationOptions,
  env: Readonly<Record<string, string | undefined>>,
): Installation {
  const prefix = queuePrefixOf(queuePrefix, env);
  const queues = queuesOf(prefix);
  const orchestration = checkedOrchestration({
    ...(prefix === DEFAULT_QUEUE_PREFIX ? {} : { queuePrefix: prefix }),
    ...(activities === undefined ? {} : { activities }),
  });
  return {
    queues: { ...queues, workflow: taskQueue ?? queues.workflow },
    ...(Object.keys(orchestration).length ? { orchestration } : {}),
  };
}

/** All by default. */
export const defaultInstallation: Installation = { queues: queuesOf() };

/** In a visibility query: of this installation alone, where several share the namespace. */
export const onQueue = ({ queues }: Installation): string =>
  `TaskQueue = '${queues.workflow.replaceAll("'", "''")}'`;

export const orchestrationOf = ({ orchestration }: Installation): Pick<Installation, 'orchestration'> =>
  orchestration ? { orchestration } : {};
