// An encrypting codec of the host's own: AES-256-GCM.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const key = Buffer.alloc(32, 7);
const encoding = Buffer.from('binary/theirs');

const sealed = (payload) => {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const metadata = Object.entries(payload.metadata ?? {}).map(([k, v]) => [
    k,
    Buffer.from(v).toString('base64'),
  ]);
  const plain = JSON.stringify({ metadata, data: Buffer.from(payload.data ?? []).toString('base64') });
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding }, data };
};

const opened = (payload) => {
  if (!Buffer.from(payload.metadata?.encoding ?? []).equals(encoding)) return payload;
  const bytes = Buffer.from(payload.data);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString();
  const { metadata, data } = JSON.parse(text);
  const entries = metadata.map(([k, v]) => [k, Buffer.from(v, 'base64')]);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
};

export const payloadCodec = {
  encode: async (payloads) => payloads.map(sealed),
  decode: async (payloads) => payloads.map(opened),
};
