import { TemperError, type Digest } from '@temper/contracts';
import { canonicalJson, digestOfBytes } from './digest.js';
import type { StoredObject } from './object-store.js';

/**
 * Small objects that change (pointers, entries of the registry, records of runs) have no address that says what is in them. So
 * their last member is the SHA-256 of all bytes before it: `{…,"checksum":"sha256:…"}`. It lies in the content, not beside it, so that it
 * is there after every copy by every tool; Tempers that know nothing of it read a member more, and what they wrote is read without one.
 */
const OPENING = '"checksum":"sha256:';
const HEX = 64;
const LENGTH = OPENING.length + HEX + '"}'.length;
/** So many characters of a checksum's form may be others before it counts as none; text that is no checksum differs in more. */
const DAMAGED = 4;

type Read = Pick<StoredObject, 'key' | 'bytes'>;

/** The canonical JSON of a value, with its checksum where it is an object. */
export const sealedJson = (value: unknown): Uint8Array => sealed(canonicalJson(value));

/** JSON of an object, or lines of such: the last one gets the checksum of all. Other texts stay as they are. */
export function sealed(text: string): Uint8Array {
  const end = ['}', '}\n'].find((each) => text.endsWith(each));
  if (end === undefined) return Buffer.from(text);
  const body = text.slice(0, -end.length);
  const digest = digestOfBytes(body).slice('sha256:'.length);
  return Buffer.from(`${body}${body.endsWith('{') ? '' : ','}${OPENING}${digest}"${end}`);
}

/**
 * The text without its checksum, or as it is where it has none.
 * @throws TemperError BLOB_CORRUPT where it has another one
 */
export function unsealed({ key, bytes }: Read): string {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = [content.length, content.length - 1].find((at) => isChecksum(content, at));
  if (end === undefined) return new TextDecoder().decode(content);
  const from = end - LENGTH;
  const comma = content[from - 1] === ','.charCodeAt(0) ? 1 : 0;
  const body = content.subarray(0, from - comma);
  const checksum = content.subarray(from, end).toString('latin1');
  const found = digestOfBytes(body);
  const rest = content.subarray(end).toString('latin1');
  if (checksum !== `${OPENING}${found.slice('sha256:'.length)}"}` || !['', '\n'].includes(rest))
    throw damaged(key, found, checksum.slice(OPENING.length - 'sha256:'.length, -2) as Digest);
  return `${new TextDecoder().decode(body)}}${rest}`;
}

/** @throws TemperError BLOB_CORRUPT where it is not what was written */
export const parseSealed = <T>(found: Read): T => {
  const text = unsealed(found);
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new TemperError(
      'BLOB_CORRUPT',
      { path: found.key, message: 'the object is damaged', found: 'no JSON', hint: RESTORE },
      { cause },
    );
  }
};

/** Whether what ends there is a checksum, whole or with a few characters changed. */
function isChecksum(content: Buffer, end: number): boolean {
  if (end < LENGTH) return false;
  const tail = content.subarray(end - LENGTH, end).toString('latin1');
  const form = `${tail.slice(0, OPENING.length)}${tail.slice(-2)}`;
  return [...`${OPENING}"}`].filter((character, i) => character !== form[i]).length <= DAMAGED;
}

/** Something stored is not what was written. */
export const isDamage = (error: unknown): boolean =>
  error instanceof TemperError && error.code === 'BLOB_CORRUPT';

const RESTORE = 'restore it from a backup, or remove it where nothing needs it';

const damaged = (path: string, found: Digest, allowed: Digest) =>
  new TemperError('BLOB_CORRUPT', {
    ...{ path, message: 'the object is damaged: its content does not match its checksum', found, allowed },
    hint: RESTORE,
  });

/**
 * The same for a list of keys, whose first line it is.
 */
export function sealedList(lines: readonly string[]): Uint8Array {
  const text = lines.join('\n');
  return Buffer.from(`${digestOfBytes(text)}\n${text}`);
}

/** Undefined where it is damaged. */
export function unsealedList(bytes: Uint8Array): string[] | undefined {
  const text = new TextDecoder().decode(bytes);
  const isSealed = [...'sha256:'].filter((character, i) => text[i] === character).length > DAMAGED;
  if (!isSealed) return text.split('\n');
  const end = 'sha256:'.length + HEX;
  const rest = text.slice(end + 1);
  return text.slice(0, end + 1) === `${digestOfBytes(rest)}\n` ? rest.split('\n') : undefined;
}
