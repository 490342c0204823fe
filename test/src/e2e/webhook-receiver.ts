import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '@temper/contracts';

/** A real HTTP server that takes alerts. */
export class WebhookReceiver implements AsyncDisposable {
  readonly alerts: Alert[] = [];
  /** What it answers with. */
  status = 204;
  private constructor(
    readonly server: Server,
    readonly path: string,
  ) {}

  static async start(path = '/hook'): Promise<WebhookReceiver> {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        if (request.method === 'POST' && request.url === path) {
          receiver.alerts.push(JSON.parse(body) as Alert);
          response.writeHead(receiver.status).end();
        } else response.writeHead(404).end();
      });
    });
    const receiver = new WebhookReceiver(server, path);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.path}`;
  }

  of(runId: string): Alert[] {
    return this.alerts.filter((alert) => alert.runId === runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
