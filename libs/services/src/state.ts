import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DOWN, readPrivateJson, writePrivateJson } from './private-file.js';
import { isIdentity, type ProcessIdentity } from './process-identity.js';

export interface RunningTemporal {
  readonly address: string;
  /** undefined where the UI was not wanted. */
  readonly uiUrl?: string | undefined;
  readonly namespace: string;
  readonly version: string;
}

export interface RunningS3 {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Of the server that keeps the volumes; it wants the folder's certificate. */
  readonly master?: string | undefined;
  readonly version: string;
}

/** `services.json`: what runs for a folder and how to reach it. Written when everything is healthy. */
export interface ServicesState {
  readonly version: 1;
  readonly supervisor: ProcessIdentity;
  /** Where the supervisor listens for others who use the servers. */
  readonly socket: string;
  readonly startedAt: string;
  readonly temporal?: RunningTemporal | undefined;
  readonly s3?: RunningS3 | undefined;
}

/** `processes.json`: kept by the supervisor, so that what a killed supervisor left behind can be ended. */
export interface SupervisedProcesses {
  readonly supervisor: ProcessIdentity;
  readonly servers: Readonly<Record<string, ProcessIdentity>>;
  /** Sockets that they leave outside the folder. */
  readonly litter?: readonly string[];
}

export const statePath = (folder: string) => join(folder, 'services.json');
export const processesPath = (folder: string) => join(folder, 'processes.json');

/** undefined where nothing has been started; UnreadableState where the file holds something else. */
export const readState = (folder: string): Promise<ServicesState | undefined> =>
  readPrivateJson<ServicesState>(
    statePath(folder),
    ({ version, supervisor, socket }) =>
      version === 1 && isIdentity(supervisor) && typeof socket === 'string',
    DOWN,
  );

export const writeState = (folder: string, state: ServicesState): void =>
  writePrivateJson(statePath(folder), state);

export const readProcesses = (folder: string): Promise<SupervisedProcesses | undefined> =>
  readPrivateJson<SupervisedProcesses>(
    processesPath(folder),
    ({ supervisor, servers }) =>
      isIdentity(supervisor) && servers !== undefined && Object.values(servers).every(isIdentity),
    'end the servers of this folder (temporal, weed) if any are left, and remove the file',
  );

export const writeProcesses = (folder: string, processes: SupervisedProcesses): void =>
  writePrivateJson(processesPath(folder), processes);

export async function forgetState(folder: string): Promise<void> {
  await Promise.all([statePath(folder), processesPath(folder)].map((path) => rm(path, { force: true })));
}
