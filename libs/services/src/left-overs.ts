import { readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { pins } from './pins.js';
import { UnreadableState } from './private-file.js';
import { endProcesses, goneWithin, isAlive } from './process-identity.js';
import { forgetState, readProcesses } from './state.js';
import { GRACE_MS } from './supervision.js';

/** Ends what a supervisor that was killed, or is about to end, left running; returns whether anything ran. */
export async function endLeftOvers(folder: string): Promise<boolean> {
  const left = await readProcesses(folder).catch((error: unknown) => {
    if (error instanceof UnreadableState && noServersIn(folder)) return undefined;
    throw error;
  });
  // A supervisor whose user was killed a moment ago is stopping its servers: it is given the time.
  const servers = Object.values(left?.servers ?? {});
  const running = left ? [left.supervisor, ...servers].some(isAlive) : false;
  if (left && isAlive(left.supervisor) && !(await goneWithin([left.supervisor], GRACE_MS + 1_000))) {
    await endProcesses([left.supervisor], GRACE_MS + 1_000);
  }
  await endProcesses(servers, GRACE_MS);
  for (const file of left?.litter ?? []) await rm(file, { force: true });
  await forgetState(folder);
  return running;
}

/**
 * Whether no server runs for a folder whose `processes.json` does not say which do: the supervisor starts them there. Only
 * Linux tells; elsewhere the answer is no. It is never a reason to end a process, only one to go on.
 */
function noServersIn(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  const names = Object.values(pins).map((pin): string => pin.executable);
  const link = (pid: string, name: string) => {
    try {
      return readlinkSync(`/proc/${pid}/${name}`);
    } catch {
      return ''; // ended meanwhile, or another user's: the folder is this user's
    }
  };
  const found = readdirSync('/proc').filter(
    (name) =>
      /^\d+$/.test(name) && link(name, 'cwd') === folder && names.includes(basename(link(name, 'exe'))),
  );
  return found.length === 0;
}
