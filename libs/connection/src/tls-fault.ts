import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TemporalSettings } from './settings.js';

/** Milliseconds: with TLS 1.3 a server tells only after the handshake that it wants another certificate. */
const PATIENCE = 2_000;
const AFTER_HANDSHAKE = 500;

/**
 * What a handshake with this server fails with: gRPC's own clients tell but that no connection came about. Undefined where it
 * succeeds or nobody answers.
 */
export function tlsFault({ address, tls }: Pick<TemporalSettings, 'address' | 'tls'>) {
  if (!tls) return Promise.resolve(undefined);
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls === true ? {} : tls;
  const { hostname, port } = new URL(`tcp://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = serverNameOverride ?? (isIP(host) ? undefined : host);
  return new Promise<Error | undefined>((resolve) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      ALPNProtocols: ['h2'],
      ...(name ? { servername: name } : {}),
      ...(serverRootCACertificate ? { ca: Buffer.from(serverRootCACertificate) } : {}),
      ...(clientCertPair
        ? { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }
        : {}),
    });
    const end = (fault?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(fault);
    };
    let timer = setTimeout(end, PATIENCE);
    socket.on('error', end);
    socket.on('secureConnect', () => {
      clearTimeout(timer);
      timer = setTimeout(end, AFTER_HANDSHAKE);
    });
    socket.on('close', () => end());
  });
}
