import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Digest } from '@temper/contracts';

/**
 * JSON with one form a value: keys sorted by code unit, no spaces, `undefined` members left out.
 * NaN and infinities have no JSON form and are refused, so that two different values never meet in one digest.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be written as JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value as Record<string, unknown>)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`);
}

/** SHA-256 of bytes or of UTF-8 text. */
export function digestOfBytes(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** SHA-256 of the canonical JSON of a value. */
export const digestOf = (value: unknown): Digest => digestOfBytes(canonicalJson(value));

/** SHA-256 and length of a file, streamed. */
export async function digestOfFile(file: string): Promise<{ digest: Digest; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

/** The digest that a key of content ends with; one of nothing where it ends with none. */
export const digestIn = (key: string): Digest =>
  `sha256:${/([0-9a-f]{64})(?:\.json)?$/.exec(key)?.[1] ?? ''}`;

/** `abcd…` of `sha256:abcd…`. */
export const hexOf = (digest: string): string => digest.slice('sha256:'.length);
