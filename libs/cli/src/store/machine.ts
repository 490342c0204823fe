import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runState } from '@temper/client';
import { cacheFolder } from '@temper/services';
import { pruneEntries, type PrunedEntry } from '@temper/storage';
import type { Session } from '../services/session.js';

const GIB = 2 ** 30;
const HOUR = 3600_000;
/** What each of the caches of a machine may take. */
const BOUND = 2 * GIB;
/** Of the folder for fetched things, which may hold others: what Temper puts there. */
const fetched = [
  'hf',
  'hf-heads',
  'http',
  'http-heads',
  'http-adapters',
  's3',
  's3-heads',
  'pypi',
  'npm',
  'datasets',
  'prepared',
];

export interface Removed extends PrunedEntry {
  readonly why: string;
}

/**
 * What this machine keeps for runs: blobs and converted models below a bound, fetched packages below another, scratch
 * folders of runs that have ended not at all. `shared`: what is fetched for all projects of the user, too. All of it is fetched or made again where it is needed again.
 */
export async function pruneMachine(
  { home, client }: Pick<Session, 'home' | 'client'>,
  { shared = true }: { readonly shared?: boolean } = {},
): Promise<Removed[]> {
  const bounded = 'beyond the bound of 2 GB, and used longest ago';
  const below = async (folder: string, depth: number, inUse: number, spared?: (name: string) => boolean) => {
    const options = { maxBytes: BOUND, inUse, depth, ...(spared ? { spared } : {}) };
    const removed = await pruneEntries(folder, options);
    return removed.map(({ name, bytes }) => ({ name: join(folder, name), bytes, why: bounded }));
  };
  const work = join(home, 'work');
  const ended = new Set<string>();
  for (const runId of await readdir(work).catch(() => [])) {
    if ((await runState(client.temporal, runId)) === 'ended') ended.add(runId);
  }
  const scratch = await pruneEntries(work, { maxBytes: 0, inUse: 0, spared: (name) => !ended.has(name) });
  return [
    ...(await below(join(home, 'cache', 'blobs', 'sha256'), 2, HOUR / 6)),
    ...(await below(join(home, 'cache', 'models'), 1, HOUR)),
    // The programs that Temper runs itself are not fetched for a run; a lost one is missed where there is no network.
    ...(shared ? await below(cacheFolder(), 2, 24 * HOUR, isForeign) : []),
    ...scratch.map(({ name, bytes }) => ({ name: join(work, name), bytes, why: 'the run has ended' })),
  ];
}

const isForeign = (name: string) =>
  !fetched.includes(name.split(/[/\\]/)[0]!) || /-bin-|^hf.asked$/.test(name);
