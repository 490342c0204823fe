import type { ObjectStore } from '../object-store.js';

/** Changes one bit of an object as another client would, and returns what puts it back. */
export const flippedIn = (store: ObjectStore) => async (key: string, at: number) => {
  const { bytes } = (await store.get(key))!;
  const changed = new Uint8Array(bytes);
  changed[at]! ^= 1;
  await store.put(key, changed);
  return async () => void (await store.put(key, bytes));
};
