import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { dataConverterFrom, EncryptionCodec, Keyring, keyringFrom } from './index.js';

const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const secret = () => randomBytes(32);
const entry = (id: string, key = secret()) => `${id}:${key.toString('base64')}`;
const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);
const value = (of: ReturnType<typeof payload>) => defaultPayloadConverter.fromPayload<unknown>(of);
const codecOf = (...keys: string[]) => new EncryptionCodec(keyringFrom({ TEMPER_PAYLOAD_KEYS: keys.join() }));

describe('payloads', () => {
  it('are encrypted whole, with the id of the key beside them', async () => {
    const codec = codecOf(entry('k1'));
    const [first, second] = await codec.encode([payload('canary'), payload('canary')]);
    expect(Object.entries(first!.metadata!).map(([name, bytes]) => [name, decode(bytes)])).toEqual([
      ['encoding', 'binary/encrypted'],
      ['encryption-key-id', 'k1'],
    ]);
    expect(Buffer.from(first!.data!).includes('canary')).toBe(false);
    // Its own metadata (json/plain) is inside.
    expect(Buffer.from(first!.data!).includes('json')).toBe(false);
    expect(Buffer.from(first!.data!)).not.toEqual(Buffer.from(second!.data!));
    expect((await codec.decode([first!, second!])).map(value)).toEqual(['canary', 'canary']);
  });

  it('of an old key stay readable after another has taken its place, and new ones have the new key', async () => {
    const old = entry('2026-01');
    const [before] = await codecOf(old).encode([payload(1)]);
    const rotated = codecOf(entry('2026-02'), old);
    expect((await rotated.decode([before!])).map(value)).toEqual([1]);
    const [after] = await rotated.encode([payload(2)]);
    expect(decode(after!.metadata!['encryption-key-id']!)).toBe('2026-02');
    await expect(codecOf(old).decode([after!])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      problems: [{ found: '2026-02', allowed: '2026-01' }],
    });
  });

  it('from before the first key are read as they are; without a key an encrypted one says what is missing', async () => {
    const plain = payload({ a: 1 });
    expect(await codecOf(entry('k1')).decode([plain])).toEqual([plain]);
    const none = new EncryptionCodec(keyringFrom({}));
    expect(await none.encode([plain])).toEqual([plain]);
    const sealed = await codecOf(entry('k1')).encode([plain]);
    await expect(none.decode(sealed)).rejects.toThrow(/key.*k1.*TEMPER_PAYLOAD_KEYS/s);
  });

  it('with any byte changed are refused, and so are those of another key of that name', async () => {
    const codec = codecOf(entry('k1'));
    const [sealed] = await codec.encode([payload('x')]);
    for (const at of [0, 12, sealed!.data!.length - 1]) {
      const data = Uint8Array.from(sealed!.data!);
      data[at]! ^= 1;
      await expect(codec.decode([{ ...sealed!, data }])).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    }
    const cut = { ...sealed!, data: sealed!.data!.subarray(0, 20) };
    await expect(codec.decode([cut])).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    await expect(codecOf(entry('k1')).decode([sealed!])).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  it('of the samples of other SDKs are read: nonce, ciphertext, tag of the serialised payload', async () => {
    // Made with Python: AESGCM(bytes(range(32))).encrypt(bytes(12), Payload(metadata={'encoding': b'json/plain'}, data=b'"hi"').SerializeToString(), None)
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const codec = new EncryptionCodec(new Keyring([{ id: 'python', secret: key }]));
    const data = Buffer.from(
      '00000000000000000000000004aabfd6d042e0d26cc1c7520a26fbeabd2d792344e00941929a91ebacdd2095c790fc2bb1612f589360dc9c0279',
      'hex',
    );
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from('python'),
    };
    expect((await codec.decode([{ metadata, data }])).map(value)).toEqual(['hi']);
  });
});

describe('keys', () => {
  it('come from a file, one a line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-keys-'));
    const file = join(folder, 'keys');
    await writeFile(file, `# newest first\n${entry('b')}\n\n${entry('a')}\n`);
    const keys = keyringFrom({ TEMPER_PAYLOAD_KEYS_FILE: file });
    expect(keys.current?.id).toBe('b');
    expect(keys.get('a').secret).toHaveLength(32);
    await writeFile(file, '# none\n');
    expect(() => keyringFrom({ TEMPER_PAYLOAD_KEYS_FILE: file })).toThrow('there is no key in the file');
    await rm(folder, { recursive: true });
    expect(() => keyringFrom({ TEMPER_PAYLOAD_KEYS_FILE: file })).toThrow('cannot be read');
  });

  it('that are none are refused without being shown', () => {
    const words = (text: string) => {
      try {
        keyringFrom({ TEMPER_PAYLOAD_KEYS: text });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const short = randomBytes(16).toString('base64');
    expect(words(`k1:${short}`)).toContain('has 16 bytes, not 32');
    expect(words(`k1:${short}`)).not.toContain(short);
    expect(words('hunter2')).toContain('entry 1 is no key');
    expect(words('hunter2')).not.toContain('hunter2');
    expect(words(`${entry('k1')},${entry('k1')}`)).toContain('the same id');
    expect(words('')).toBe('');
  });

  it('decide whether the texts of failures are encoded too', () => {
    expect(dataConverterFrom({})).not.toHaveProperty('failureConverterPath');
    const { failureConverterPath } = dataConverterFrom({ TEMPER_PAYLOAD_KEYS: entry('k1') });
    expect(failureConverterPath).toMatch(/dist\/failure-converter\.js$/);
  });
});
