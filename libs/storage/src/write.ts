import { TemperError } from '@temper/contracts';
import type { ObjectStore, PutCondition } from './object-store.js';

const encoder = new TextEncoder();
export const encode = (text: string) => encoder.encode(text);
export const parseJson = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;

export const isConflict = (error: unknown): boolean =>
  error instanceof TemperError && error.code === 'STORE_CONFLICT';

/**
 * A conditional write that tells a lost race from a lost answer: when the store says "condition not met" and yet holds
 * exactly these bytes, the write (ours, or an equal one) happened. Throws STORE_CONFLICT where another content won.
 */
export async function putConditional(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  condition: PutCondition,
): Promise<{ etag: string }> {
  try {
    return await store.put(key, bytes, condition);
  } catch (error) {
    if (!isConflict(error)) throw error;
    const current = await store.get(key);
    if (current && Buffer.compare(current.bytes, bytes) === 0) return { etag: current.etag };
    throw error;
  }
}
