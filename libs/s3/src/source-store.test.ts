import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '@temper/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Store } from './s3-store.js';
import { bucketsOf, createSourceStore } from './source-store.js';
import { scriptedServer, xml } from './testing/scripted-server.js';

const saved = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-aws-'));
  for (const name of Object.keys(process.env)) if (/^(AWS|S3)_/.test(name)) delete process.env[name];
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', HOME: folder });
});
afterEach(async () => {
  process.env = { ...saved };
  await rm(folder, { recursive: true });
});

const answering = () => scriptedServer((_, response) => response.writeHead(200, { etag: '"e"' }).end());
const signed = (headers: Record<string, unknown>) =>
  /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(String(headers['authorization']))!.slice(1).join(' ');

/** The profile's files, as people have them; `$NAME` is the address of a server. */
async function profiles(config: string, credentials = '') {
  const [configFile, keysFile] = [
    join(folder, `config-${Math.random()}`),
    join(folder, `keys-${Math.random()}`),
  ];
  await writeFile(configFile, config);
  await writeFile(keysFile, credentials);
  Object.assign(process.env, { AWS_CONFIG_FILE: configFile, AWS_SHARED_CREDENTIALS_FILE: keysFile });
}

describe('the store of a source', () => {
  it('is found by the variables of AWS: the address of S3 before that of all services, the region in both spellings', async () => {
    await using one = await answering();
    await using two = await answering();
    await profiles('');
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'ak', AWS_SECRET_ACCESS_KEY: 'sk' });
    process.env['AWS_ENDPOINT_URL'] = one.env.S3_ENDPOINT;
    process.env['AWS_DEFAULT_REGION'] = 'eu-north-1';
    await createSourceStore('data').head('a b+%.csv');
    expect([one.asked[0]!.url, signed(one.asked[0]!.headers)]).toEqual([
      '/data/a%20b%2B%25.csv',
      'ak eu-north-1',
    ]);
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: two.env.S3_ENDPOINT, AWS_REGION: 'eu-west-3' });
    await createSourceStore('data').head('x');
    expect([one.asked.length, signed(two.asked[0]!.headers)]).toEqual([1, 'ak eu-west-3']);
  });

  it('is found by a profile: its keys, region, address, and the address of its services', async () => {
    await using one = await answering();
    await using two = await answering();
    const keys = '[work]\naws_access_key_id = wk\naws_secret_access_key = ws\n';
    await profiles(`[profile work]\nregion = ap-south-1\nendpoint_url = ${one.env.S3_ENDPOINT}\n`, keys);
    process.env['AWS_PROFILE'] = 'work';
    await createSourceStore('data').head('x');
    expect(signed(one.asked[0]!.headers)).toBe('wk ap-south-1');
    const services = `[services local]\ns3 =\n  endpoint_url = ${two.env.S3_ENDPOINT}\n`;
    await profiles(`[profile other]\nservices = local\n${services}`, keys.replace('work', 'other'));
    process.env['AWS_PROFILE'] = 'other';
    await createSourceStore('data').head('x');
    expect(signed(two.asked[0]!.headers)).toBe('wk us-east-1');
  });

  it('is not where Temper stores, nor the other way round', async () => {
    await using own = await answering();
    await using source = await answering();
    await profiles('');
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'ak',
      AWS_SECRET_ACCESS_KEY: 'sk',
      AWS_ENDPOINT_URL_S3: source.env.S3_ENDPOINT,
    });
    const env = {
      ...process.env,
      S3_ENDPOINT: own.env.S3_ENDPOINT,
      S3_ACCESS_KEY_ID: 'mine',
      S3_SECRET_ACCESS_KEY: 's',
    };
    const store = createS3Store(env);
    const buckets = bucketsOf(store);
    await buckets('temper').head('x');
    await buckets('data').head('x');
    expect(buckets('data')).toBe(buckets('data'));
    expect([own.asked.length, signed(own.asked[0]!.headers)]).toEqual([1, 'mine us-east-1']);
    expect([source.asked.length, signed(source.asked[0]!.headers)]).toEqual([1, 'ak us-east-1']);
    // Temporary keys of AWS do not replace those of the store.
    expect(signed((await headOf({ ...env, AWS_SESSION_TOKEN: 't' }, own)).headers)).toBe('mine us-east-1');
    expect(bucketsOf(new MemoryStore('m'))('m')).toBeInstanceOf(MemoryStore);
  });

  async function headOf(
    env: Record<string, string | undefined>,
    server: { asked: { headers: Record<string, unknown> }[] },
  ) {
    await createS3Store(env).head('x');
    return server.asked.at(-1)!;
  }

  it('that denies access, or is not there, is told with the variables to look at', async () => {
    await profiles('');
    const none = createSourceStore('data');
    await expect(none.head('x')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(none.head('x')).rejects.toThrow(/AWS_PROFILE.*AWS_ENDPOINT_URL_S3/);
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'ak',
      AWS_SECRET_ACCESS_KEY: 'sk',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    });
    await expect(createSourceStore('data').head('x')).rejects.toThrow(/is AWS_ENDPOINT_URL_S3/);
    await using server = await scriptedServer((_, response) =>
      xml(response, 404, '<Error><Code>NoSuchBucket</Code></Error>'),
    );
    process.env['AWS_ENDPOINT_URL'] = server.env.S3_ENDPOINT;
    await expect(createSourceStore('data').get('x')).rejects.toThrow(
      /no such bucket.*S3_BUCKET are read from AWS/,
    );
  });
});

describe('a store that knows no checksums in headers', () => {
  const notImplemented =
    '<Error><Code>NotImplemented</Code><Message>A header you provided implies functionality that is not implemented</Message></Error>';
  const withChecksum = (headers: object) =>
    Object.keys(headers).some((name) => /^x-amz-(checksum|sdk-checksum|trailer)/.test(name));

  it('is used without them, from the first refusal on', async () => {
    const objects = new Map<string, Buffer>();
    await using server = await scriptedServer(({ method, url, headers, body }, response) => {
      if (withChecksum(headers)) return xml(response, 501, notImplemented);
      if (/[?&]uploads/.test(url)) {
        return xml(
          response,
          200,
          '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
        );
      }
      if (method === 'POST') {
        return xml(
          response,
          200,
          '<CompleteMultipartUploadResult><ETag>"m"</ETag></CompleteMultipartUploadResult>',
        );
      }
      objects.set(url, body);
      return response.writeHead(200, { etag: '"e"' }).end();
    });
    const store = createS3Store(server.env);
    expect(await store.put('a', Buffer.from('content'), { ifNoneMatch: '*' })).toEqual({ etag: '"e"' });
    expect(server.asked).toHaveLength(2);
    expect(server.asked[1]!.headers['if-none-match']).toBe('*');
    expect(server.asked[1]!.headers['x-amz-content-sha256']).toBe(
      createHash('sha256').update('content').digest('hex'),
    );
    await store.put('b', Buffer.from('more'));
    expect(server.asked).toHaveLength(3);
    const file = join(folder, 'large');
    await writeFile(file, Buffer.alloc(9 * 2 ** 20, 'x'));
    await store.put('large', { file });
    expect([...objects.values()].reduce((sum, body) => sum + body.length, 0)).toBe(7 + 4 + 9 * 2 ** 20);

    const other = createS3Store(server.env);
    await other.put('large', { file });
    store.close();
    other.close();
  });

  it('and one that lacks more is refused at once, with its reason', async () => {
    await using server = await scriptedServer((_, response) => xml(response, 501, notImplemented));
    const store = createS3Store(server.env);
    const put = store.put('a', Buffer.from('content'), { ifNoneMatch: '*' });
    await expect(put).rejects.toMatchObject({ code: 'STORE_REFUSED', retryable: false });
    await expect(put).rejects.toThrow(/lacks what Temper needs.*NotImplemented 501 A header/);
    expect(server.asked).toHaveLength(2);
    store.close();
  });
});
