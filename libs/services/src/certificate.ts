import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** Both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * A self-signed certificate of 127.0.0.1 (X.509 version 3, RFC 5280; ECDSA on P-256 with SHA-256) that is its own authority:
 * servers and clients that trust it alone trust whoever holds its key, and nobody else.
 */
export const loopbackCertificate = (): Certificate => signed('temper');

/** A certificate of 127.0.0.1, for servers and clients, by an authority: some clients take an authority's own for no server's. */
export const issuedCertificate = (authority: Certificate): Certificate => signed('temper issued', authority);

function signed(subject: string, authority?: Certificate): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = (of: string) => sequence(set(sequence(oid('550403'), der(0x0c, Buffer.from(of)))));
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  // The first bit of a serial number is its sign.
  const serial = Buffer.concat([Buffer.of(1), randomBytes(15)]);
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, serial),
    algorithm,
    name('temper'),
    // RFC 5280, 4.1.2.5: the last date stands for no end. No clock has to be right.
    sequence(der(0x17, Buffer.from('700101000000Z')), der(0x18, Buffer.from('99991231235959Z'))),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions(authority === undefined))),
  );
  const signature = sign('sha256', content, authority?.privateKey ?? privateKey);
  const whole = sequence(content, algorithm, der(0x03, Buffer.of(0), signature));
  return {
    certificate: pem('CERTIFICATE', whole),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function extensions(isAuthority: boolean): Buffer[] {
  const critical = der(0x01, Buffer.of(0xff));
  const extension = (id: string, content: Buffer, ...flags: Buffer[]) =>
    sequence(oid(id), ...flags, der(0x04, content));
  // basicConstraints; keyUsage: digitalSignature, and keyCertSign of an authority
  const constraints = isAuthority ? sequence(der(0x01, Buffer.of(0xff))) : sequence();
  const usage = isAuthority ? Buffer.of(2, 0x84) : Buffer.of(7, 0x80);
  return [
    extension('551d13', constraints, critical),
    extension('551d0f', der(0x03, usage), critical),
    extension('551d25', sequence(oid('2b06010505070301'), oid('2b06010505070302'))), // serverAuth, clientAuth
    extension('551d11', sequence(der(0x87, Buffer.of(127, 0, 0, 1)))), // subjectAltName: its address
  ];
}

/** Distinguished encoding (X.690): tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts);
const oid = (encoded: string) => der(0x06, Buffer.from(encoded, 'hex'));

const pem = (label: string, content: Buffer) =>
  `-----BEGIN ${label}-----\n${content.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
