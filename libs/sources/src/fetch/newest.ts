import { TemperError } from '@temper/contracts';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readJson, writeJson } from '../files/json.js';

/** So long the newest version that was found counts as the newest. */
const FRESH_MS = 24 * 3600 * 1000;

interface Newest {
  /** Name of the folder beside the pointer. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly asked: number;
}

export interface Fetched {
  readonly folder: string;
  /** What the user should know about it. */
  readonly notes: readonly string[];
}

/**
 * The folder of a name without an exact version (`newest`, a tag): asked for again after 24 hours. Where that fails, the
 * one of the last time is used, and this is said.
 */
export async function newestOf(pointer: string, uri: string, fetch: () => Promise<string>): Promise<Fetched> {
  const kept = await readJson<Newest>(pointer);
  const folder = kept && join(dirname(pointer), basename(String(kept.folder)));
  const there = folder !== undefined && existsSync(folder);
  const age = Date.now() - (kept?.asked ?? 0);
  if (there && age >= 0 && age < FRESH_MS) return { folder, notes: [] };
  try {
    const found = await fetch();
    await writeJson(pointer, { folder: basename(found), asked: Date.now() } satisfies Newest);
    return { folder: found, notes: [] };
  } catch (error) {
    if (!there || !(error instanceof TemperError) || error.code !== 'SOURCE_UNAVAILABLE') throw error;
    return { folder, notes: [staleNote(uri, new Date(kept!.asked), error)] };
  }
}

/** `name@version`, or the name alone. */
export const withVersion = (name: string, version: string | undefined): string =>
  version === undefined ? name : `${name}@${version}`;

export const staleNote = (uri: string, since: Date, error: TemperError): string =>
  `${uri}: the newest version could not be asked for, so the one of ${since.toISOString().slice(0, 16).replace('T', ' ')} UTC is used (${error.problems[0]!.message.slice(0, 200)})`;
