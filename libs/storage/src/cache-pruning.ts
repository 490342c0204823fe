import { readdir, stat, unlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { removeOldest, type PrunedEntry } from './entry-pruning.js';

const ABANDONED_MS = 24 * 3600_000;
/** Somebody may be about to link or upload what was used this recently. */
const IN_USE_MS = 10 * 60_000;

/**
 * Keeps the folder of cached blobs under `maxBytes`: the ones read longest ago go first. Safe at any time: what was
 * materialised holds links (or copies) of its own, and a blob that is wanted again is downloaded again.
 * Left-overs of uploads and downloads that a crash cut short go after a day.
 */
export async function pruneCache(
  folder: string,
  maxBytes: number,
  now = Date.now(),
): Promise<{ readonly abandoned: PrunedEntry[]; readonly beyond: PrunedEntry[] }> {
  const abandoned: PrunedEntry[] = [];
  const beyond: PrunedEntry[] = [];
  const remove = async (path: string, bytes: number, to: PrunedEntry[]) => {
    await unlink(path).catch(() => undefined);
    to.push({ name: relative(folder, path), bytes });
  };
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    if (path.endsWith('.part')) {
      if (now - found.mtimeMs > ABANDONED_MS) await remove(path, found.size, abandoned);
    } else files.push({ path, bytes: found.size, used: Math.max(found.atimeMs, found.mtimeMs) });
  }
  await removeOldest(files, { maxBytes, inUse: IN_USE_MS }, now, ({ path, bytes }) =>
    remove(path, bytes, beyond),
  );
  return { abandoned, beyond };
}
