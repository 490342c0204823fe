import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process for sure: numbers are given again to other processes, (number, start time) is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: clock ticks since boot and which boot that was on Linux, the date elsewhere. */
  readonly startTime: string;
}

/** Of what a file says: without a start time a number may be anybody's. */
export const isIdentity = (value: Partial<ProcessIdentity> | undefined): value is ProcessIdentity =>
  Number.isSafeInteger(value?.pid) && value!.pid! > 0 && typeof value!.startTime === 'string';

/** undefined where no such process runs (a zombie does not run). */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export const isAlive = (known: ProcessIdentity): boolean =>
  identify(known.pid)?.startTime === known.startTime;

/** Sends a signal only if the process is still the same one. */
export function signal(known: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(known)) return false;
  try {
    return process.kill(known.pid, name);
  } catch {
    return false;
  }
}

/** SIGTERM, then SIGKILL for what is left after `graceMs`. */
export async function endProcesses(processes: readonly ProcessIdentity[], graceMs: number): Promise<void> {
  for (const one of processes) signal(one, 'SIGTERM');
  if (await goneWithin(processes, graceMs)) return;
  for (const one of processes) signal(one, 'SIGKILL');
  await goneWithin(processes, 2_000);
}

export async function goneWithin(processes: readonly ProcessIdentity[], limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (processes.some(isAlive)) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}

// proc(5): the name in parentheses may hold anything; after it come state (field 3) … start time (field 22).
function linuxStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${fields[19]}@${bootOf()}`;
  } catch {
    return undefined;
  }
}

let boot: string | undefined;
const bootOf = () => (boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());

function psStartTime(pid: number): string | undefined {
  try {
    const args = ['-o', 'stat=,lstart=', '-p', String(pid)];
    // The date must read the same for every process that asks, whatever its language and time zone.
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const line = execFileSync('ps', args, { encoding: 'utf8', env }).trim();
    return line && !line.startsWith('Z') ? line.replace(/^\S+\s+/, '') : undefined;
  } catch {
    return undefined;
  }
}
