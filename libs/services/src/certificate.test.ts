import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { loopbackCertificate, type Certificate } from './certificate.js';

it('is its own authority, of 127.0.0.1, without an end, and never the same', () => {
  const { certificate, privateKey } = loopbackCertificate();
  const read = new X509Certificate(certificate);
  expect(read.checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect([read.ca, read.checkIP('127.0.0.1'), read.checkIP('127.0.0.2')]).toEqual([
    true,
    '127.0.0.1',
    undefined,
  ]);
  expect([read.validFrom, read.validTo]).toEqual(['Jan  1 00:00:00 1970 GMT', 'Dec 31 23:59:59 9999 GMT']);
  expect(read.serialNumber).not.toBe(new X509Certificate(loopbackCertificate().certificate).serialNumber);
});

it('lets in who holds its key, and nobody else', async () => {
  const own = loopbackCertificate();
  const settings = ({ certificate, privateKey }: Certificate) => ({ cert: certificate, key: privateKey });
  const server = createServer(
    { ...settings(own), ca: own.certificate, requestCert: true, rejectUnauthorized: true },
    (socket) => socket.end('in'),
  );
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const told = async (client: object) => {
    const socket = connect({ host: '127.0.0.1', port, ca: own.certificate, ...client });
    let text = '';
    socket.on('data', (data) => (text += String(data)));
    await once(socket, 'close').catch(() => undefined);
    return text;
  };
  expect(await told(settings(own))).toBe('in');
  expect(await told({})).toBe('');
  expect(await told(settings(loopbackCertificate()))).toBe('');
  server.close();
});
