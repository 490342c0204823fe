import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeHub extends AsyncDisposable {
  /** For `HF_ENDPOINT`. */
  readonly endpoint: string;
  /** Of every repository but those called `private`, by path. */
  files: Record<string, string | Uint8Array>;
  /** Paths of the files that were fetched whole. */
  readonly downloads: string[];
}

/** The few calls of the Hub's API that are used. */
export async function fakeHub(files: FakeHub['files']): Promise<FakeHub> {
  const downloads: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!);
    if (path.includes('private')) return response.writeHead(401).end('{"error":"no"}');
    if (path.includes('/tree/')) {
      const tree = Object.entries(hub.files).map(([name, content]) => ({
        ...{ type: 'file', path: name, size: content.length },
        // Of its content, as Git's: caches are kept by it.
        oid: createHash('sha1').update(content).digest('hex'),
      }));
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tree));
    }
    const name = /\/(?:resolve|raw)\/[^/]+\/([^?]+)/.exec(path)?.[1];
    const content = name === undefined ? undefined : hub.files[name];
    if (content === undefined) return response.writeHead(404).end();
    const range = /bytes=0-0/.test(request.headers.range ?? '');
    if (request.method === 'GET' && !range) downloads.push(name!);
    const bytes = Buffer.from(content as string);
    const last = range ? 0 : bytes.length - 1;
    const headers = { etag: `"${name}"`, 'content-range': `bytes 0-${last}/${bytes.length}` };
    return response.writeHead(range ? 206 : 200, headers).end(bytes.subarray(0, last + 1));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hub: FakeHub = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ files, downloads },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
  return hub;
}
