import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Alert } from '@temper/contracts';
import { shownWebhook } from '@temper/spec';
import { describe, expect, it } from 'vitest';
import { postAlert } from './post.js';

const alert: Alert = {
  event: 'failed',
  runId: 'mail-1',
  pipeline: 'mail',
  status: 'failed',
  message: 'no column label',
  text: 'mail: failed: no column label (mail-1)',
  problems: [{ path: 'mail.csv', message: 'no column label' }],
  model: { name: 'mail', alias: 'candidate' },
  metrics: {},
  uiPath: '/namespaces/default/workflows/mail-1/x/history',
  at: '2026-03-01T03:00:00.000Z',
};

async function receiver(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk))).on('end', () => answer(request, response, body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook?token=secret`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const failureOf = (work: Promise<void>) =>
  work.then(
    () => 'accepted',
    (error: Error) => error,
  );

describe('an alert', () => {
  it('is posted as JSON, to the URL of an environment variable too', async () => {
    const got: unknown[] = [];
    await using server = await receiver(({ method, url, headers }, response, body) => {
      got.push({ method, url, type: headers['content-type'], body: JSON.parse(body) as unknown });
      response.end('ok');
    });
    await postAlert('env:HOOK', alert, { env: { HOOK: server.url } });
    await postAlert(server.url, alert);
    const one = { method: 'POST', url: '/hook?token=secret', type: 'application/json', body: alert };
    expect(got).toEqual([one, one]);
  });

  it.each([
    [503, 'SERVICE_UNAVAILABLE'],
    [429, 'SERVICE_UNAVAILABLE'],
    [404, 'WEBHOOK_REFUSED'],
  ])('that is answered with %s ends with %s', async (status, code) => {
    await using server = await receiver((_, response) => response.writeHead(status).end());
    const failure = await failureOf(postAlert(server.url, alert));
    const { type, code: own } = failure as unknown as { type?: string; code?: string };
    expect(type ?? own).toBe(code);
    expect((failure as Error).message).toContain(`HTTP ${status}`);
  });

  it('never quotes a token', async () => {
    await using silent = await receiver(() => undefined);
    const failures = await Promise.all([
      failureOf(postAlert(silent.url, alert, { timeout: 50 })),
      failureOf(postAlert('http://127.0.0.1:1/secret', alert)),
      failureOf(postAlert('env:HOOK', alert, { env: { HOOK: 'ftp://secret' } })),
      failureOf(postAlert('env:HOOK', alert, { env: {} })),
    ]);
    const messages = failures.map((f) => (f as Error).message);
    expect(messages[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+: does not answer; found no answer in time$/);
    expect(messages[1]).toContain('does not answer');
    expect(messages[2]).toBe('env:HOOK is no http(s) URL');
    expect(messages[3]).toBe('the worker has no environment variable HOOK');
    expect(messages.join()).not.toContain('secret');
    expect(shownWebhook('https://user:secret@chat.example/secret')).toBe('https://chat.example');
  });
});
