import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { runPrefix } from '../keys.js';
import type { ObjectStore } from '../object-store.js';
import { sealedJson } from '../seal.js';
import { putConditional } from '../write.js';

/** Objects that somebody is about to write or to refer to, named before anything is done with them. */
export interface Hold {
  readonly keys: readonly string[];
  /** Of this writing of it: who reads a hold twice can tell that it was written again. */
  readonly write: string;
}

/** Of writers that belong to no run: they hold for a grace period. */
export const HOLDS = 'gc/holds/';
export const runHolds = (runId: string) => `${runPrefix(runId)}holds/`;

const owner = new AsyncLocalStorage<string>();

/** All that `work` writes or takes from the stage cache belongs to this run: it is kept as long as the run goes on. */
export const heldBy = <T>(runId: string, work: () => Promise<T>): Promise<T> => owner.run(runId, work);

/** `id`: of what is held, hexadecimal; holding the same again is no second hold. */
export async function writeHold(store: ObjectStore, id: string, keys: readonly string[]): Promise<void> {
  const runId = owner.getStore();
  const key = `${runId === undefined ? HOLDS : runHolds(runId)}${id}.json`;
  const hold: Hold = { keys, write: randomUUID() };
  await putConditional(store, key, sealedJson(hold), {});
}
