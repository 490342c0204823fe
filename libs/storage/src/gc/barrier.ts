import type { ObjectStore } from '../object-store.js';
import { isDamage, unsealedList } from '../seal.js';
import { isConflict } from '../write.js';
import { condemnedKey, LEASE_MS, sweepPointer, type SweepState } from './sweep-state.js';

export interface Waiting {
  /** Milliseconds to wait before the state is looked at again. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Of this process, in milliseconds from anywhere; it never goes back. */
  readonly now?: () => number;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Called by a writer after its hold is written: returns when no collection is deleting any of `keys`, and whether one was.
 * Then what is there stays, and what is not there has to be written; where one was, everything has to be written again.
 *
 * Why that is enough: a collection looks at all holds again after it has announced that it sweeps. A hold that was
 * written before the announcement is seen by it; a hold written later is followed by this look, which sees the
 * announcement, and waits for the end if one of its objects is on the list.
 */
export async function awaitSweep(
  store: ObjectStore,
  keys: readonly string[],
  { wait = sleep, now = () => performance.now() }: Waiting = {},
): Promise<{ readonly swept: boolean }> {
  const pointer = sweepPointer(store);
  const first = await pointer.read();
  if (first?.value.phase !== 'sweeping') return { swept: false };
  const condemned = await condemnedBy(store, first.value);
  // Without its list it is over already, or about to be; a damaged one may have named anything.
  if (condemned && !keys.some((key) => condemned.has(key))) return { swept: false };
  let { etag } = first;
  let seen = now();
  for (;;) {
    const current = await pointer.read();
    if (current?.value.id !== first.value.id || current.value.phase !== 'sweeping') return { swept: true };
    if (current.etag !== etag) {
      ({ etag } = current);
      seen = now();
    } else if (now() - seen > LEASE_MS) {
      // It is dead. From here on it cannot go on: its next renewal fails.
      await pointer.compareAndSwap(etag, { ...current.value, phase: 'idle' }).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
    }
    await wait(250);
  }
}

async function condemnedBy(store: ObjectStore, state: SweepState): Promise<Set<string> | undefined> {
  const found = await store.get(condemnedKey(state)).catch((error: unknown) => {
    if (isDamage(error)) return undefined;
    throw error;
  });
  const keys = found && unsealedList(found.bytes);
  return keys && new Set(keys);
}
