import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putConditional } from '@temper/storage';
import { describe, expect, it, vi } from 'vitest';
import { createS3Store } from './s3-store.js';
import { scriptedServer, xml } from './testing/scripted-server.js';

const bytes = Buffer.from('content');
const refusal = (code: string) => `<Error><Code>${code}</Code><Message>no</Message></Error>`;

describe('the S3 adapter', () => {
  it('sends path-style requests with a SHA-256 of the content, and conditions', async () => {
    await using server = await scriptedServer((_, response) =>
      response.writeHead(200, { etag: '"e"' }).end(),
    );
    const store = createS3Store({ ...server.env, S3_BUCKET: 'models' });
    expect(await store.put('a/b', bytes, { ifMatch: '"d"' })).toEqual({ etag: '"e"' });
    const { url, headers } = server.asked[0]!;
    expect(url).toMatch(/^\/models\/a\/b\?/);
    expect(headers['if-match']).toBe('"d"');
    expect(headers['x-amz-checksum-sha256']).toBe(createHash('sha256').update(bytes).digest('base64'));
    store.close();
  });

  it('asks for encryption with every write, whole or in parts, and shows the token of temporary keys', async () => {
    await using server = await scriptedServer(({ url, method }, response) => {
      if (method === 'POST' && url.includes('uploads'))
        return xml(
          response,
          200,
          '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
        );
      if (method === 'POST')
        return xml(
          response,
          200,
          '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
        );
      return response.writeHead(200, { etag: '"e"' }).end();
    });
    const kms = { S3_SSE: 'aws:kms', S3_SSE_KMS_KEY_ID: 'key-1', S3_SSE_BUCKET_KEY: 'true' };
    const keys = { S3_ACCESS_KEY_ID: 'k', S3_SECRET_ACCESS_KEY: 's', S3_SESSION_TOKEN: 'token' };
    const store = createS3Store({ ...server.env, ...keys, ...kms });
    await store.put('small', bytes);
    const large = async function* () {
      for (let i = 0; i < 3; i++) yield new Uint8Array(4 * 2 ** 20);
    };
    await store.put('large', { stream: large() });
    const begun = server.asked.filter(({ url }) => /small|uploads/.test(url));
    expect(begun).toHaveLength(2);
    for (const { headers } of begun) {
      expect(headers['x-amz-server-side-encryption']).toBe('aws:kms');
      expect(headers['x-amz-server-side-encryption-aws-kms-key-id']).toBe('key-1');
      expect(headers['x-amz-server-side-encryption-bucket-key-enabled']).toBe('true');
      expect(headers['x-amz-security-token']).toBe('token');
    }
    store.close();
  });

  it('finds the keys of a profile in the files of AWS', async () => {
    await using server = await scriptedServer((_, response) =>
      response.writeHead(200, { etag: '"e"' }).end(),
    );
    const folder = await mkdtemp(join(tmpdir(), 'temper-profile-'));
    const file = join(folder, 'credentials');
    await writeFile(file, '[team]\naws_access_key_id = TEAMKEY\naws_secret_access_key = s\n');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
    const { S3_ENDPOINT } = server.env;
    const store = createS3Store({
      S3_ENDPOINT,
      S3_PROFILE: 'team',
      AWS_ACCESS_KEY_ID: 'other',
      AWS_SECRET_ACCESS_KEY: 's',
    });
    await store.put('a', bytes);
    expect(server.asked[0]!.headers.authorization).toContain('Credential=TEAMKEY/');
    store.close();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  it('tries again when the server is busy, a bounded number of times', async () => {
    await using server = await scriptedServer((_, response, nth) =>
      nth < 3 ? xml(response, 503, refusal('SlowDown')) : response.writeHead(200, { etag: '"e"' }).end(),
    );
    const store = createS3Store(server.env);
    await store.put('a', bytes);
    expect(server.asked).toHaveLength(3);
    store.close();

    await using down = await scriptedServer((_, response) => xml(response, 500, refusal('InternalError')));
    const unlucky = createS3Store(down.env);
    await expect(unlucky.put('a', bytes)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(down.asked).toHaveLength(4);
    unlucky.close();
  });

  it('tells denied access, a missing bucket and a missing key apart', async () => {
    const codes: Record<string, [number, string]> = {
      denied: [403, 'AccessDenied'],
      bucket: [404, 'NoSuchBucket'],
      none: [404, 'NoSuchKey'],
      raced: [409, 'ConditionalRequestConflict'],
    };
    await using server = await scriptedServer(({ url }, response) => {
      const [status, code] = codes[/temper\/(\w+)/.exec(url)![1]!]!;
      xml(response, status, refusal(code));
    });
    const store = createS3Store(server.env);
    expect(await store.get('none')).toBeUndefined();
    await expect(store.get('denied')).rejects.toThrow(/denies access.*AWS_ACCESS_KEY_ID/);
    await expect(store.get('bucket')).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(store.put('raced', bytes)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    store.close();
  });

  it('says so when nobody answers', async () => {
    const free = createServer();
    const port = await new Promise<number>((resolve) =>
      free.listen(0, '127.0.0.1', () => resolve((free.address() as { port: number }).port)),
    );
    await new Promise((resolve) => free.close(resolve));
    const store = createS3Store({
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'k',
      AWS_SECRET_ACCESS_KEY: 's',
    });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    store.close();
  });

  it('reads again when an answer breaks off, and never gives half of it', async () => {
    await using server = await scriptedServer((_, response, nth) => {
      response.writeHead(200, { etag: '"e"', 'content-length': 7 });
      if (nth === 1) {
        response.write('cont');
        setTimeout(() => response.destroy(), 20);
      } else response.end(bytes);
    });
    const store = createS3Store(server.env);
    expect(Buffer.from((await store.get('a'))!.bytes).toString()).toBe('content');
    expect(server.asked).toHaveLength(2);
    store.close();
  });

  it('together with the port: a write whose answer was lost is written, an overtaken one is not', async () => {
    const objects = new Map<string, Buffer>();
    await using server = await scriptedServer(({ method, url, headers, body }, response) => {
      const key = url.split('?')[0]!;
      if (method === 'GET') {
        const body = objects.get(key)!;
        return response.writeHead(200, { etag: '"e"', 'content-length': body.length }).end(body);
      }
      if (headers['if-none-match'] && objects.has(key))
        return xml(response, 412, refusal('PreconditionFailed'));
      objects.set(key, body);
      return response.destroy();
    });
    const store = createS3Store(server.env);
    expect(await putConditional(store, 'mine', bytes, { ifNoneMatch: '*' })).toEqual({ etag: '"e"' });
    objects.set('/temper/other', Buffer.from('other content'));
    await expect(putConditional(store, 'other', bytes, { ifNoneMatch: '*' })).rejects.toMatchObject({
      code: 'STORE_CONFLICT',
    });
    store.close();
  });

  it('gives up the parts of an upload that fails', async () => {
    await using server = await scriptedServer(({ method, url }, response) => {
      if (method === 'POST' && /[?&]uploads/.test(url)) {
        const ids = '<Bucket>temper</Bucket><Key>big</Key><UploadId>upload-1</UploadId>';
        return xml(response, 200, `<InitiateMultipartUploadResult>${ids}</InitiateMultipartUploadResult>`);
      }
      if (method === 'PUT') return response.writeHead(200, { etag: '"part"' }).end();
      return response.writeHead(204).end();
    });
    const store = createS3Store(server.env);
    async function* source() {
      for (let i = 0; i < 10; i++) yield randomBytes(2 ** 20);
      throw new Error('the source broke');
    }
    await expect(store.put('big', { stream: source() })).rejects.toThrow('the source broke');
    expect(server.asked.map((asked) => asked.method)).toEqual(['POST', 'PUT', 'DELETE']);
    expect(server.asked.at(-1)!.url).toContain('uploadId=upload-1');
    store.close();
  });
});
