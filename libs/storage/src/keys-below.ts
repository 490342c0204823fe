import type { ObjectStore } from './object-store.js';

/** All keys that start with a prefix, sorted by code unit. */
export async function keysBelow(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}
