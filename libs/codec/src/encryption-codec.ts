import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TemperError } from '@temper/contracts';
import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { EncryptionKey, Keyring } from './keyring.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
/** Bytes, NIST SP 800-38D: a random one for each payload, so that one key is good for 2³² payloads. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM of whole payloads, metadata included. The result is laid out as that of the encryption samples of Temporal's
 * SDKs (`binary/encrypted`, `encryption-key-id`; nonce, ciphertext, tag), so that programs in other languages read it.
 * A payload that is not encrypted is returned as it is: runs from before the first key stay readable.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: Keyring;
  constructor(keys: Keyring) {
    this.#keys = keys;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    const key = this.#keys.current;
    return Promise.resolve(key ? payloads.map((payload) => encrypted(payload, key)) : payloads);
  }

  /** @throws TemperError NOT_FOUND: a key that is not here; BLOB_CORRUPT: changed bytes, or another key of the same id */
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => (isEncrypted(payload) ? decrypted(payload, this.#keys) : payload));
  }
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const isEncrypted = ({ metadata }: Payload) =>
  metadata?.[METADATA_ENCODING_KEY] && decode(metadata[METADATA_ENCODING_KEY]) === ENCODING;

function encrypted(payload: Payload, { id, secret }: EncryptionKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret, iv);
  const content = PayloadMessage.encode(payload).finish();
  return {
    metadata: { [METADATA_ENCODING_KEY]: encode(ENCODING), [KEY_ID]: encode(id) },
    data: Buffer.concat([iv, cipher.update(content), cipher.final(), cipher.getAuthTag()]),
  };
}

function decrypted({ metadata, data }: Payload, keys: Keyring): Payload {
  const id = metadata?.[KEY_ID] ? decode(metadata[KEY_ID]) : '';
  const { secret } = keys.get(id);
  const whole = data ?? new Uint8Array();
  if (whole.length < IV_BYTES + TAG_BYTES) throw damaged(id);
  const decipher = createDecipheriv(CIPHER, secret, whole.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(whole.subarray(-TAG_BYTES));
  try {
    const content = decipher.update(whole.subarray(IV_BYTES, -TAG_BYTES));
    return PayloadMessage.decode(Buffer.concat([content, decipher.final()]));
  } catch (cause) {
    throw damaged(id, cause);
  }
}

const damaged = (id: string, cause?: unknown) =>
  new TemperError(
    'BLOB_CORRUPT',
    {
      path: 'encrypted payload',
      message: 'it was changed since it was encrypted, or this key is not the one of that name',
      found: `key ${id}`,
    },
    { cause },
  );
