import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generator } from '../bench/synthetic.js';

/** What can happen to a request on its way. */
export const faults = ['unavailable', 'reset', 'truncated', 'lost'] as const;
type Fault = (typeof faults)[number];

/**
 * HTTP between a store's users and the real server. Each of the faults befalls a request with the probability `rate`:
 * `unavailable` is answered with 503, `reset` ends the connection before the server has seen anything, `truncated` ends
 * it in the middle of the body that was asked for, `lost` after the server has done what it was told.
 */
export class S3Proxy implements AsyncDisposable {
  rate = 0;
  requests = 0;
  /** By their method; a GET of the bucket is a LIST. */
  readonly methods = new Map<string, number>();
  readonly counts: Record<Fault, number> = { unavailable: 0, reset: 0, truncated: 0, lost: 0 };
  readonly #random = generator(20);
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((incoming, answer) => this.#serve(incoming, answer));

  private constructor(private readonly target: URL) {}

  static async start(target: string): Promise<S3Proxy> {
    const proxy = new S3Proxy(new URL(target));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    this.requests += 1;
    const kind = incoming.url?.includes('list-type=2') ? 'LIST' : incoming.method!;
    this.methods.set(kind, (this.methods.get(kind) ?? 0) + 1);
    const fault = this.#chosen();
    const pieces: Buffer[] = [];
    incoming.on('error', () => undefined);
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      if (fault === 'reset') return this.#cut(answer, fault);
      if (fault === 'unavailable') {
        this.counts.unavailable += 1;
        answer.writeHead(503, { 'content-type': 'application/xml' });
        return answer.end('<?xml version="1.0"?><Error><Code>ServiceUnavailable</Code></Error>');
      }
      this.#forward(incoming, Buffer.concat(pieces), answer, fault);
    });
  }

  #chosen(): Fault | undefined {
    return faults[Math.floor(this.#random() / (this.rate || 1e-9))];
  }

  #forward(incoming: IncomingMessage, body: Buffer, answer: ServerResponse, fault?: Fault): void {
    // The host stays the caller's: it is part of what was signed.
    const { expect: _, ...headers } = incoming.headers;
    const { hostname, port } = this.target;
    const { method = 'GET', url: path = '/' } = incoming;
    const outgoing = request({ hostname, port, method, path, headers, agent: this.#agent }, (reply) => {
      const pieces: Buffer[] = [];
      reply.on('data', (piece: Buffer) => pieces.push(piece));
      reply.on('end', () => {
        const content = Buffer.concat(pieces);
        if (fault === 'lost') return this.#cut(answer, fault);
        answer.writeHead(reply.statusCode!, reply.headers);
        if (fault !== 'truncated' || method !== 'GET' || content.length < 2) return answer.end(content);
        answer.write(content.subarray(0, content.length >> 1), () => this.#cut(answer, fault));
      });
    });
    outgoing.on('error', () => answer.destroy());
    outgoing.end(body);
  }

  #cut(answer: ServerResponse, fault: Fault): void {
    this.counts[fault] += 1;
    answer.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
