import { TemperError } from '@temper/contracts';
import type { ObjectStore, OpenUpload } from '../object-store.js';
import { storeNow } from './sweep-state.js';
import type { Verdict } from './collect.js';

/** Where Temper writes what may go up in parts: the uploads of others in the bucket are none of its business. */
const PREFIXES = ['blobs/', 'runs/'] as const;
/** Nobody who looks for them at a start waits for an answer, so they may lie longer than a collection leaves them. */
const AT_START_MS = 24 * 3600_000;
const START_CLOCK = '.temper-probe/clock';

/**
 * Parts whose object nobody will ever finish, as a process leaves them that was killed: they take room, and no listing of objects
 * shows them. A running upload writes a part of 8 MB after the other, so one that has written none for `age` milliseconds
 * (by the store's clock: both times are its own) is over; if it was only asleep it begins anew.
 */
export interface Uploads {
  readonly verdicts: readonly Verdict[];
  /** Gives up those that are to go and have not moved since. Returns what became of all. */
  readonly remove: () => Promise<readonly Verdict[]>;
}

export async function uploadsIn(
  store: ObjectStore,
  { now, age }: { readonly now: number; readonly age: number },
): Promise<Uploads> {
  const found: OpenUpload[] = [];
  try {
    for (const prefix of PREFIXES)
      for await (const upload of store.openUploads?.(prefix) ?? []) found.push(upload);
  } catch (error) {
    if (!(error instanceof TemperError) || error.code !== 'STORE_REFUSED') throw error;
    const why = 'uploads that were given up cannot be seen: the rights to list them are missing';
    const verdicts = [{ key: PREFIXES[0], bytes: 0, kept: true, why }];
    return { verdicts, remove: () => Promise.resolve(verdicts) };
  }
  const verdictOn = ({ key, bytes, modified }: OpenUpload): Verdict =>
    now - modified > age
      ? { key, bytes, kept: false, why: 'parts of an upload that nobody goes on with' }
      : { key, bytes, kept: true, why: 'parts of an upload' };
  const remove = async () => {
    const removed = [];
    for (const upload of found) {
      const verdict = verdictOn(upload);
      const goes = !verdict.kept && (await isAsBefore(store, upload));
      if (goes) await store.abandon!(upload);
      removed.push(goes || verdict.kept ? verdict : { ...verdict, kept: true, why: 'in use again' });
    }
    return removed;
  };
  return { verdicts: found.map(verdictOn), remove };
}

async function isAsBefore(store: ObjectStore, { key, id, modified }: OpenUpload): Promise<boolean> {
  for await (const now of store.openUploads!(key)) if (now.id === id) return now.modified === modified;
  return false;
}

/** At the start of a worker: parts that are a day old go, whoever left them. A store that refuses it is left alone. */
export async function removeOldUploads(store: ObjectStore, age = AT_START_MS): Promise<readonly Verdict[]> {
  if (!store.openUploads) return [];
  const uploads = await uploadsIn(store, { now: await storeNow(store, START_CLOCK), age });
  return (await uploads.remove()).filter(({ kept }) => !kept);
}
