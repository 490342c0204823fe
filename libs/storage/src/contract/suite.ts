import type { ObjectStore } from '../object-store.js';

export type Open = () => Promise<ObjectStore> | ObjectStore;
export type It = (name: string, test: () => Promise<void>) => unknown;

/** `describe` and `it` of vitest, Jest or `node:test`. */
export interface TestRunner {
  readonly describe: (name: string, suite: () => void) => unknown;
  readonly it: It;
}

export const MB = 2 ** 20;
export const text = (value: string) => new TextEncoder().encode(value);
export const asText = (found: { readonly bytes: Uint8Array } | undefined) =>
  Buffer.from(found!.bytes).toString();

export async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of stream) read.push(piece);
  return Buffer.concat(read);
}

export async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
