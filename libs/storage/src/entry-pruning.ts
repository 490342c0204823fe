import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

export interface Pruning {
  /** What all entries together may take on disk, in bytes. */
  readonly maxBytes: number;
  /** Entries that were used this recently stay, in milliseconds. */
  readonly inUse: number;
  /** How many folders below the root an entry lies; 1: the root's own. Or so of what is below one of the root's own. */
  readonly depth?: number | ((top: string) => number);
  /** By the path below the root. */
  readonly spared?: (name: string) => boolean;
}

export interface PrunedEntry {
  readonly name: string;
  readonly bytes: number;
}

/** Says of an entry that it was used just now: times of access are often not kept. */
export const markUsed = (entry: string): Promise<void> =>
  utimes(entry, new Date(), new Date()).catch(() => undefined);

/**
 * Keeps a folder of entries (a converted model, a fetched package: a file or a folder, whole) under a bound: the ones used
 * longest ago go first. Whoever wants one again makes or fetches it again. Returns what was removed.
 */
export async function pruneEntries(
  folder: string,
  { maxBytes, inUse, depth = 1, spared = () => false }: Pruning,
  now = Date.now(),
): Promise<PrunedEntry[]> {
  const entries = [];
  for (const name of await namesBelow(folder, depth)) {
    if (!spared(name)) entries.push({ name, ...(await measured(join(folder, name))) });
  }
  const removed: PrunedEntry[] = [];
  await removeOldest(entries, { maxBytes, inUse }, now, async ({ name, bytes }) => {
    await rm(join(folder, name), { recursive: true, force: true });
    removed.push({ name, bytes });
  });
  return removed;
}

interface Used {
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly used: number;
}

/** Removes what was used longest ago until the rest fits, or is in use. */
export async function removeOldest<E extends Used>(
  entries: readonly E[],
  { maxBytes, inUse }: Pick<Pruning, 'maxBytes' | 'inUse'>,
  now: number,
  remove: (entry: E) => Promise<void>,
): Promise<void> {
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const entry of [...entries].sort((a, b) => a.used - b.used)) {
    if (total <= maxBytes || now - entry.used < inUse) return;
    await remove(entry);
    total -= entry.bytes;
  }
}

async function namesBelow(folder: string, depth: NonNullable<Pruning['depth']>): Promise<string[]> {
  if (typeof depth === 'number') return namesAt(folder, depth);
  const found: string[] = [];
  for (const top of await namesAt(folder, 1)) {
    const below = depth(top) - 1;
    if (below < 1) found.push(top);
    else found.push(...(await namesAt(join(folder, top), below)).map((name) => join(top, name)));
  }
  return found;
}

async function namesAt(folder: string, depth: number): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  if (depth <= 1) return names;
  const below = await Promise.all(
    names.map(async (name) => (await namesAt(join(folder, name), depth - 1)).map((each) => join(name, each))),
  );
  return below.flat();
}

/** Bytes of a file or of all files of a folder, and when any of it was last read, written or marked. */
async function measured(path: string): Promise<{ bytes: number; used: number }> {
  const paths = [
    path,
    ...(await readdir(path, { recursive: true }).catch(() => [])).map((name) => join(path, name)),
  ];
  let [bytes, used] = [0, 0];
  for (const each of paths) {
    const found = await stat(each).catch(() => undefined);
    if (!found) continue;
    if (found.isFile()) bytes += found.size;
    // A folder's time of access is that of looking here.
    used = Math.max(used, found.mtimeMs, found.isFile() ? found.atimeMs : 0);
  }
  return { bytes, used };
}
