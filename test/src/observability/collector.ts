import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
// The message types as the exporters themselves encode them.
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly failed: boolean;
  readonly milliseconds: number;
}

/** An OTLP/HTTP collector: takes spans in protobuf or JSON on a port of its own. */
export class Collector implements AsyncDisposable {
  readonly spans: CollectedSpan[] = [];
  readonly contentTypes = new Set<string>();

  private constructor(
    readonly endpoint: string,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const type = request.headers['content-type'] ?? '';
        if (request.method !== 'POST' || request.url !== '/v1/traces') return response.writeHead(404).end();
        try {
          collector.contentTypes.add(type);
          collector.spans.push(...spansOf(Buffer.concat(pieces), type));
          response.writeHead(200, { 'content-type': type }).end();
        } catch (error) {
          response.writeHead(400).end(String(error));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const collector = new Collector(endpoint, async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    return collector;
  }

  /** From a span up to the root of its trace. */
  ancestors(span: CollectedSpan): CollectedSpan[] {
    const parent = this.spans.find((s) => s.traceId === span.traceId && s.spanId === span.parentSpanId);
    return parent ? [parent, ...this.ancestors(parent)] : [];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

type Value = { stringValue?: string; intValue?: unknown; doubleValue?: number; boolValue?: boolean };
type Attributes = readonly { key: string; value: Value }[];
interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: Uint8Array | string;
        readonly spanId: Uint8Array | string;
        readonly parentSpanId?: Uint8Array | string;
        readonly startTimeUnixNano: unknown;
        readonly endTimeUnixNano: unknown;
        readonly attributes?: Attributes;
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

interface Messages {
  readonly opentelemetry: {
    proto: {
      collector: { trace: { v1: { ExportTraceServiceRequest: { decode(bytes: Uint8Array): unknown } } } };
    };
  };
}

const ERROR = 2; // opentelemetry.proto.trace.v1.Status.STATUS_CODE_ERROR

function spansOf(body: Buffer, type: string): CollectedSpan[] {
  const { ExportTraceServiceRequest } = (root as unknown as Messages).opentelemetry.proto.collector.trace.v1;
  const request = (
    type.includes('json') ? JSON.parse(body.toString()) : ExportTraceServiceRequest.decode(body)
  ) as Request;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        service: String(attributesOf(resource.attributes)['service.name']),
        name: span.name,
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId ?? ''),
        attributes: attributesOf(span.attributes ?? []),
        failed: span.status?.code === ERROR,
        milliseconds:
          Number(BigInt(String(span.endTimeUnixNano)) - BigInt(String(span.startTimeUnixNano))) / 1e6,
      })),
    ),
  );
}

const hex = (id: Uint8Array | string) => (typeof id === 'string' ? id : Buffer.from(id).toString('hex'));

const attributesOf = (attributes: Attributes): Record<string, string | number | boolean> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      // Of the kinds of value only the one that was sent is the message's own.
      const kind = Object.keys(value).find((name) => Object.hasOwn(value, name)) as keyof Value;
      const given = value[kind];
      return [key, kind === 'intValue' ? Number(given) : (given as string | number | boolean)];
    }),
  );
