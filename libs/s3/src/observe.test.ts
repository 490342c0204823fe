import type { StoreRequest } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { createS3Store } from './s3-store.js';
import { scriptedServer, xml } from './testing/scripted-server.js';

describe('requests that are told', () => {
  it('are all that go out, each with its answer: tries again, refusals and silence', async () => {
    const told: StoreRequest[] = [];
    const answers = [503, 200, 404, 412];
    await using server = await scriptedServer((_, response, nth) => {
      const status = answers[nth - 1];
      if (status === undefined) return void response.destroy();
      if (status === 200) return response.writeHead(200, { etag: '"e"' }).end();
      return xml(response, status, `<Error><Code>Code${status}</Code></Error>`);
    });
    const store = createS3Store(server.env, { onRequest: (request) => told.push(request) });
    await store.put('a', Buffer.from('content'));
    expect(await store.head('none')).toBeUndefined();
    await expect(store.put('raced', Buffer.from('x'), { ifNoneMatch: '*' })).rejects.toThrow();
    await expect(store.delete('gone')).rejects.toThrow();
    expect(told.slice(0, 5).map((r) => `${r.operation} ${r.code}`)).toEqual([
      'PutObject 503',
      'PutObject 200',
      'HeadObject 404',
      'PutObject 412',
      'DeleteObject no_answer',
    ]);
    expect(told).toHaveLength(server.asked.length);
    for (const { seconds } of told) expect(seconds).toBeGreaterThan(0);
    store.close();
  });
});
