import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsServer extends AsyncDisposable {
  /** `http://127.0.0.1:9464/metrics` */
  readonly url: string;
}

export interface ServeOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  /** Another endpoint of this process in the same text format, whose families are served beside ours. */
  readonly beside?: string | undefined;
}

/** A scrape waits no longer for the endpoint beside. */
const PATIENCE = 2_000;

/** `GET /metrics` in the Prometheus text format 0.0.4. Rejects where the port is taken. */
export async function serveMetrics(
  registry: Registry,
  { port, host, beside }: ServeOptions,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || new URL(request.url ?? '/', 'http://x').pathname !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('GET /metrics\n');
      return;
    }
    text(registry, beside).then(
      (body) => response.writeHead(200, { 'content-type': registry.contentType }).end(body),
      (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
    );
  });
  await listening(server, port, host);
  // The worker decides when it ends.
  server.unref();
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}/metrics`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Our own numbers are served even where the endpoint beside does not answer. */
async function text(registry: Registry, beside: string | undefined): Promise<string> {
  const [ours, theirs] = await Promise.all([
    registry.metrics(),
    beside
      ? fetch(beside, { signal: AbortSignal.timeout(PATIENCE) })
          .then((answer) => (answer.ok ? answer.text() : ''))
          .catch(() => '')
      : '',
  ]);
  return (
    [ours, theirs]
      .map((part) => part.trim())
      .filter(Boolean)
      .join('\n') + '\n'
  );
}

const listening = (server: Server, port: number, host: string) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** A port of the loopback address that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await listening(server, 0, '127.0.0.1');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
