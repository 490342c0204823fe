import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createS3Store } from './s3-store.js';
import { scriptedServer, xml } from './testing/scripted-server.js';

const page = (keys: readonly string[], next?: string) =>
  `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${
    next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
  }${keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('')}</ListBucketResult>`;

/** Writes for as long as somebody reads. */
function forEver(response: ServerResponse, piece: string): void {
  const bytes = Buffer.from(piece.repeat(50_000));
  const more = () => {
    while (!response.destroyed && response.write(bytes));
    response.once('drain', more);
  };
  response.on('error', () => undefined);
  more();
}

describe('a server that is no object store', () => {
  it.each<[string, (response: ServerResponse, nth: number) => unknown]>([
    ['a page of HTML', (r) => xml(r, 200, '<html><body>Log in<br></body></html>')],
    ['bytes', (r) => xml(r, 200, '\0<<<>>>')],
    ['a redirect elsewhere', (r) => r.writeHead(301, { location: 'http://169.254.169.254/' }).end()],
    ['the same page for ever', (r) => xml(r, 200, page(['a'], 't'))],
    ['empty pages for ever', (r, nth) => xml(r, 200, page([], `t${nth}`))],
    ['a page that does not end', (r) => forEver(r, '<Contents><Key>a</Key></Contents>')],
    ['an error that does not end', (r) => forEver(r.writeHead(400), '<Code>a</Code>')],
  ])('is refused, once and in little memory: %s', async (_, answer) => {
    await using server = await scriptedServer((_request, response, nth) => void answer(response, nth));
    const store = createS3Store(server.env);
    const listing = (async () => {
      for await (const found of store.list('')) void found;
    })();
    await expect(listing).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    store.close();
  });

  it('sends no object without a length, or beyond it', async () => {
    await using server = await scriptedServer((_, response) => forEver(response.writeHead(200), 'a,b\n'));
    const store = createS3Store(server.env);
    await expect(store.getStream('a')).rejects.toThrow(/an object without a length/);
    store.close();
  });

  it('is not waited for longer than somebody wants to', async () => {
    await using server = await scriptedServer((_, response) => {
      response.writeHead(200, { 'content-length': 30 }).write('a');
    });
    const store = createS3Store(server.env);
    const found = await store.getStream('a', { signal: AbortSignal.timeout(300) });
    const read = (async () => {
      for await (const piece of found!.stream) void piece;
    })();
    await expect(read).rejects.toThrow(/timeout/i);
    store.close();
  });
});
