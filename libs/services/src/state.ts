import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, writePrivateJson } from './private-file.js';
import type { ProcessIdentity } from './process-identity.js';

export interface RunningTemporal {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly version: string;
}

export interface RunningS3 {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
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
}

export const statePath = (folder: string) => join(folder, 'services.json');
export const processesPath = (folder: string) => join(folder, 'processes.json');

export async function readState(folder: string): Promise<ServicesState | undefined> {
  const state = await readJsonFile<ServicesState>(statePath(folder));
  return state?.version === 1 ? state : undefined;
}

export const writeState = (folder: string, state: ServicesState) =>
  writePrivateJson(statePath(folder), state);

export const readProcesses = (folder: string) => readJsonFile<SupervisedProcesses>(processesPath(folder));

export async function forgetState(folder: string): Promise<void> {
  await Promise.all([statePath(folder), processesPath(folder)].map((path) => rm(path, { force: true })));
}
