import { join } from 'node:path';
import { loopbackCertificate } from './certificate.js';
import { writePrivateFile } from './private-file.js';

/** In the folder. */
export const CERTIFICATE = 's3-certificate.pem';
export const PRIVATE_KEY = 's3-key.pem';

/**
 * SeaweedFS's own servers (master, volume, filer, admin) ask nobody for anything by themselves, over HTTP and over gRPC:
 * every user of the machine could read and change all objects. Here both are TLS, and whoever connects must show the one
 * certificate that they all have, whose key only the folder's owner reads. The S3 port asks for the store's keys
 * instead. Made anew at each start, when no server of the folder runs. Returns environment (`WEED_*` stands for
 * SeaweedFS's security.toml).
 */
export function mutualTls(folder: string): Record<string, string> {
  const made = loopbackCertificate();
  const cert = join(folder, CERTIFICATE);
  const key = join(folder, PRIVATE_KEY);
  writePrivateFile(cert, made.certificate);
  writePrivateFile(key, made.privateKey);
  const pair = (section: string) => ({ [`WEED_${section}_CERT`]: cert, [`WEED_${section}_KEY`]: key });
  const over = (kind: string, roles: readonly string[]) =>
    Object.assign({}, ...roles.map((role) => pair(`${kind}_${role}`))) as Record<string, string>;
  return {
    ...over('HTTPS', [...httpServers, 'CLIENT']),
    ...Object.fromEntries([...httpServers, 'CLIENT'].map((role) => [`WEED_HTTPS_${role}_CA`, cert])),
    WEED_HTTPS_CLIENT_ENABLED: 'true',
    ...over('GRPC', ['MASTER', 'VOLUME', 'FILER', 'S3', 'ADMIN', 'WORKER', 'CLIENT']),
    WEED_GRPC_CA: cert,
  };
}

const httpServers = ['MASTER', 'VOLUME', 'FILER', 'ADMIN'] as const;
