import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { serveMetrics } from './serve.js';
import { WorkerMetrics } from './worker-metrics.js';

const local = { port: 0, host: '127.0.0.1' };

describe('/metrics', () => {
  it("serves our own numbers and the SDK's beside them, and our own alone where that is silent", async () => {
    const { registry } = new WorkerMetrics('cpu');
    const sdk = createServer((_, response) => response.end('# TYPE temporal_x counter\ntemporal_x 1\n'));
    await new Promise<void>((resolve) => sdk.listen(0, '127.0.0.1', resolve));
    const beside = `http://127.0.0.1:${(sdk.address() as AddressInfo).port}/metrics`;
    await using server = await serveMetrics(registry, { ...local, beside });
    const both = await fetch(server.url);
    expect(both.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await both.text();
    expect(text).toMatch(/^# HELP temper_training_steps_total /m);
    expect(text).toMatch(/^temporal_x 1$/m);
    expect(text.endsWith('\n')).toBe(true);
    sdk.closeAllConnections();
    await new Promise((resolve) => sdk.close(resolve));
    const alone = await (await fetch(server.url)).text();
    expect(alone).toContain('temper_training_steps_total');
    expect(alone).not.toContain('temporal_x');
    expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404);
  });

  it('rejects where the port is taken', async () => {
    const { registry } = new WorkerMetrics('cpu');
    await using first = await serveMetrics(registry, local);
    const port = Number(new URL(first.url).port);
    await expect(serveMetrics(registry, { ...local, port })).rejects.toThrow('EADDRINUSE');
  });
});
