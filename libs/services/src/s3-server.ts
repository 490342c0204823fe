import { join } from 'node:path';
import { createS3Store, ensureBucket, s3Environment } from '@temper/s3';
import { probeConditionalWrites } from '@temper/storage';
import type { ServerBinary } from './binaries.js';
import type { Credentials } from './credentials.js';
import { freePortPair, freePorts } from './ports.js';
import { mutualTls } from './s3-security.js';
import { socketPath } from './socket-path.js';
import type { RunningS3 } from './state.js';
import type { ServerOrder } from './supervision.js';

const BUCKET = 'temper';
const REGION = 'us-east-1';

/** Of the admin's HTTP port and its gRPC port: its worker looks for it there, whatever it is told. */
const ADMIN_DISTANCE = 10_000;
const roles = ['s3', 'master', 'volume', 'filer'] as const;

/** SeaweedFS in one process, loopback only, closed to everybody else. Its data outlives a change of ports. */
export async function s3Order(
  folder: string,
  binary: ServerBinary,
  credentials: Credentials,
): Promise<{ order: ServerOrder; running: RunningS3 }> {
  const ports = await freePorts(2 * roles.length);
  const [admin, adminGrpc] = await freePortPair(ADMIN_DISTANCE);
  const sockets = ['filer', 's3'].map((role) => [role, socketPath(folder, role)] as const);
  const order: ServerOrder = {
    name: 's3',
    command: binary.path,
    args: [
      ...['mini', `-dir=${join(folder, 's3')}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1'],
      ...roles.flatMap((role, i) => [
        `-${role}.port=${ports[2 * i]}`,
        `-${role}.port.grpc=${ports[2 * i + 1]}`,
      ]),
      ...[`-admin.port=${admin}`, `-admin.port.grpc=${adminGrpc}`, '-admin.ui=false'],
      ...sockets.map(([role, path]) => `-${role}.localSocket=${path}`),
      ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-webdav=false'],
      ...['-master.telemetry=false', '-volume.preStopSeconds=0'],
    ],
    // TMPDIR: where its verbose logs go. HOME: a security.toml or shell configuration of this user must not change what is started.
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TMPDIR: join(folder, 'logs', 's3'),
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...mutualTls(folder),
    },
    log: join(folder, 'logs', 's3.log'),
    litter: [
      ...sockets.map(([, path]) => path),
      // The sockets of its gRPC servers; their place is fixed in its code.
      ...roles.map((role, i) => grpcSocket(role, ports[2 * i + 1]!)),
      grpcSocket('admin', adminGrpc),
    ],
  };
  const endpoint = `http://127.0.0.1:${ports[0]}`;
  const master = `https://127.0.0.1:${ports[2 * roles.indexOf('master')]}`;
  return { order, running: { endpoint, bucket: BUCKET, region: REGION, version: binary.version, master } };
}

const grpcSocket = (role: string, port: number) => `/tmp/seaweedfs-${role}-grpc-${port}.sock`;

/** Throws until the server takes writes to the bucket, and keeps the promise of conditional writes. */
export async function s3Healthy(running: RunningS3, credentials: Credentials): Promise<void> {
  const store = createS3Store(s3Environment(running, credentials));
  try {
    await ensureBucket(store);
    // No race here: that this server decides races is known, and the start stays fast.
    await probeConditionalWrites(store, 1);
  } finally {
    store.close();
  }
}
