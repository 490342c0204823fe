import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '@temper/contracts';
import { pruneCache } from './cache-pruning.js';
import { pruneEntries, type PrunedEntry, type Pruning } from './entry-pruning.js';

const HOUR = 3600_000;
const DAY = 24 * HOUR;
/** What each of the caches of a machine may take, in bytes. */
const BOUND = 2 * 2 ** 30;
/** What Temper puts into the folder for fetched things, which may hold others' → how many folders below it an entry lies. */
const fetchedDepths: Readonly<Record<string, number>> = {
  ...{ hf: 2, 'hf-heads': 2, http: 2, 'http-heads': 2, 'http-adapters': 2 },
  // By their bucket.
  ...{ s3: 3, 's3-heads': 3 },
  ...{ pypi: 2, 'pypi-parts': 2, npm: 2, datasets: 2, stored: 2, 'workflow-bundles': 2 },
};
/** Of a command or a stage, not of a run: `mkdtemp` made it, and its maker removes it unless it is killed. */
const isScratch = (name: string) => /^(?:audit|scratch)-[A-Za-z0-9]{6}$/.test(name);

export interface LocalCaches {
  /** TEMPER_HOME of the machine. */
  readonly home: string;
  /** Folders of fetched things. */
  readonly fetched: readonly string[];
  /** Whether a run goes on. */
  readonly stateOf: (runId: string) => Promise<RunState>;
}

export interface RemovedEntry extends PrunedEntry {
  readonly why: string;
}

/**
 * What a machine keeps for runs: blobs and converted models below a bound of 2 GB each, fetched things below another, scratch
 * folders as long as their run goes on. All of it is fetched or made again where it is needed again.
 */
export async function pruneLocalCaches({ home, fetched, stateOf }: LocalCaches): Promise<RemovedEntry[]> {
  const bounded = async (
    folder: string,
    depth: Pruning['depth'],
    inUse: number,
    spared = (_: string) => false,
  ) => named(folder, await pruneEntries(folder, { maxBytes: BOUND, inUse, depth: depth!, spared }), beyond);
  const blobs = join(home, 'cache', 'blobs');
  const ofBlobs = await pruneCache(blobs, BOUND);
  const removed = [
    named(blobs, ofBlobs.abandoned, 'its upload has ended'),
    named(blobs, ofBlobs.beyond, beyond),
    await bounded(join(home, 'cache', 'models'), 1, HOUR),
  ];
  for (const folder of new Set(fetched)) {
    removed.push(await bounded(folder, (top) => fetchedDepths[top] ?? 1, DAY, isForeign));
  }
  return [...removed.flat(), ...(await pruneScratch(join(home, 'work'), stateOf))];
}

const beyond = 'beyond the bound of 2 GB, and used longest ago';

/** The programs that Temper runs itself are not fetched for a run; a lost one is missed where there is no network. */
const isForeign = (name: string) =>
  !Object.hasOwn(fetchedDepths, name.split(/[/\\]/)[0]!) || /-bin-|^hf.asked$/.test(name);

async function pruneScratch(work: string, stateOf: LocalCaches['stateOf']): Promise<RemovedEntry[]> {
  const states = new Map<string, RunState>();
  for (const name of await readdir(work).catch(() => [])) states.set(name, await stateOf(name));
  const are = (state: RunState) => (name: string) => states.get(name) === state;
  const unknown = are('unknown');
  return [
    ...(await leftOvers(work, 0, are('ended'), 'the run has ended')),
    ...(await leftOvers(work, DAY, (name) => unknown(name) && isScratch(name), 'its maker was killed')),
    ...(await leftOvers(
      work,
      30 * DAY,
      unknown,
      'nobody knows its run, and nothing was written for 30 days',
    )),
  ];
}

async function leftOvers(folder: string, inUse: number, which: (name: string) => boolean, why: string) {
  // Empty ones too.
  const options = { maxBytes: -1, inUse, spared: (name: string) => !which(name) };
  const removed = await pruneEntries(folder, options);
  return named(folder, removed, why);
}

const named = (folder: string, removed: readonly PrunedEntry[], why: string): RemovedEntry[] =>
  removed.map(({ name, bytes }) => ({ name: join(folder, name), bytes, why }));
