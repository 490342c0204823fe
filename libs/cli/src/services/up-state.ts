import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from './home.js';

/** What `temper up` leaves for `temper down` and for people. */
export interface UpState {
  readonly pid: number;
  readonly temporal: string;
  readonly uiUrl?: string | undefined;
  readonly s3: string;
  /** Of its worker. */
  readonly metrics?: string | undefined;
  readonly startedAt: string;
}

const file = () => join(homeFolder(), 'up.json');

export async function writeUpState(state: UpState): Promise<void> {
  await mkdir(homeFolder(), { recursive: true });
  await writeFile(file(), `${JSON.stringify(state, null, 2)}\n`);
}

/** Undefined where `temper up` does not run in this folder; what a killed one left is not believed. */
export async function readUpState(): Promise<UpState | undefined> {
  const text = await readFile(file(), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as UpState;
  return isAlive(state.pid) ? state : undefined;
}

export const removeUpState = (): Promise<void> => rm(file(), { force: true });

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
