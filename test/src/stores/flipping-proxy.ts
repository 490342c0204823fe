import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** HTTP to a store with one bit of every content that is sent changed on its way; the headers, sums included, are as they were. */
export async function flippingProxy(target: string) {
  const { hostname, port } = new URL(target);
  let changed = 0;
  const server = createServer((incoming, answer) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const body = Buffer.concat(pieces);
      if (incoming.method === 'PUT' && body.length > 200) {
        // In the middle: with the framing of chunks, at both ends, nothing else is the content's.
        body[body.length >> 1]! ^= 1;
        changed++;
      }
      const { expect: _, ...headers } = incoming.headers;
      const options = { hostname, port, method: incoming.method, path: incoming.url, headers };
      const outgoing = request(options, (reply) => {
        answer.writeHead(reply.statusCode!, reply.headers);
        reply.pipe(answer);
      });
      outgoing.on('error', () => answer.destroy());
      outgoing.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changed: () => changed,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
