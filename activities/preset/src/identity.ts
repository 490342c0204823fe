import { hostname } from 'node:os';
import type { Provider } from '@temper/contracts';

const SOFTWARE = '/software';

/**
 * What a worker is called in the Temporal UI: `4711@host/webgpu`. The server keeps the names of those that poll a queue,
 * so the name is also how a software GPU is told from a real one: `4711@host/webgpu/software`.
 */
export const workerIdentity = (
  provider: Provider,
  { software = false, device }: { readonly software?: boolean; readonly device?: string | undefined } = {},
): string =>
  `${process.pid}@${hostname()}/${provider}${device === undefined ? '' : `/${device}`}${software ? SOFTWARE : ''}`;

export const isSoftware = (identity: string): boolean => identity.endsWith(SOFTWARE);
