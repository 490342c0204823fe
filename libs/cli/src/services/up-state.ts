import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DOWN,
  isAlive,
  isIdentity,
  readPrivateJson,
  runningServices,
  UnreadableState,
  writePrivateJson,
  type ProcessIdentity,
} from '@temper/services';
import { homeFolder } from './home.js';

/** What `temper up` leaves for `temper down` and for people: which process it is, and where its servers are. */
export interface UpState extends ProcessIdentity {
  readonly temporal: string;
  readonly uiUrl?: string | undefined;
  readonly s3: string;
  /** Of its worker. */
  readonly metrics?: string | undefined;
  readonly startedAt: string;
}

const file = () => join(homeFolder(), 'up.json');

export async function writeUpState(state: UpState): Promise<void> {
  await mkdir(homeFolder(), { recursive: true, mode: 0o700 });
  writePrivateJson(file(), state);
}

/**
 * Undefined where `temper up` does not run in this folder: what a killed one left is not believed, nor is another process
 * that has got its number since. UnreadableState where the file holds something else.
 */
export async function readUpState(): Promise<UpState | undefined> {
  const state = await readPrivateJson<UpState>(file(), isIdentity, DOWN);
  return state && isAlive(state) ? state : undefined;
}

/** Before `temper up`: a file that cannot be read matters only where servers run. */
export async function runningUp(): Promise<UpState | undefined> {
  try {
    return await readUpState();
  } catch (error) {
    const services =
      error instanceof UnreadableState && (await runningServices({ folder: homeFolder(), env: {} }));
    if (error instanceof UnreadableState && !services) return undefined;
    throw error;
  }
}

export const removeUpState = (): Promise<void> => rm(file(), { force: true });
