import { request as plainRequest } from 'node:http';
import { connect, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '@temper/services';

/** What stands before a plain server, as a cluster's entrance does. */
interface Front extends AsyncDisposable {
  readonly port: number;
}

/** TLS before Temporal that wants a client certificate and an API key; what came is kept. */
export async function temporalFront(
  target: string,
  { certificate, privateKey, authority }: Certificate & { readonly authority: string },
  apiKey: string,
): Promise<Front & { readonly keys: Set<string | undefined> }> {
  const keys = new Set<string | undefined>();
  const backend = connect(`http://${target}`);
  const server = createSecureServer({
    ...{ cert: certificate, key: privateKey, ca: authority },
    ...{ requestCert: true, rejectUnauthorized: true },
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => void sessions.add(session));
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    keys.add(headers.authorization);
    if (headers.authorization === `Bearer ${apiKey}`) return forward(stream, headers, backend);
    const refusal = { 'grpc-status': '16', 'grpc-message': 'Request unauthorized.' };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    keys,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      backend.destroy();
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One call: its messages, and what follows them (the status of gRPC). */
function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, to: ReturnType<typeof connect>) {
  const { authorization: _, ...rest } = headers;
  const call = to.request(rest);
  let trailers: IncomingHttpHeaders = {};
  const END_STREAM = 1;
  call.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    const ends = (flags & END_STREAM) !== 0;
    stream.respond(answer, ends ? { endStream: true } : { waitForTrailers: true });
    if (!ends) call.pipe(stream);
  });
  call.on('trailers', (last) => (trailers = last));
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.pipe(call);
  for (const [one, other] of [
    [stream, call],
    [call, stream],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => one === stream && other.close());
  }
}

/** TLS before an S3 server; what it says of the encryption of what is written is kept. */
export async function storeFront(
  target: string,
  { certificate, privateKey }: Certificate,
): Promise<Front & { readonly encryptions: Set<string | undefined> }> {
  const encryptions = new Set<string | undefined>();
  const { hostname, port } = new URL(target);
  const server: Server = createServer({ cert: certificate, key: privateKey }, (incoming, answer) => {
    const { method, url: path, headers } = incoming;
    const outgoing = plainRequest({ hostname, port, method, path, headers }, (reply) => {
      if (method === 'PUT' && path?.includes('x-id=PutObject') && reply.statusCode === 200)
        encryptions.add(reply.headers['x-amz-server-side-encryption'] as string | undefined);
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    encryptions,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
