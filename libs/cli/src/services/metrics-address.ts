import { usageError } from '../failure.js';

/** What a worker is told of its metrics, and where they will be; a free port (0) is named in the worker's log. */
export function metricsEnvironment(
  path: string,
  given?: string,
): { readonly env: Readonly<Record<string, string>>; readonly url?: string } {
  const port = given ?? process.env.TEMPER_METRICS_PORT;
  if (!port) return { env: {} };
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw usageError(path, 'not a port', { found: port, allowed: '0 to 65535; 0 is a free one' });
  }
  const host = process.env.TEMPER_METRICS_HOST || '127.0.0.1';
  return {
    env: { TEMPER_METRICS_PORT: port },
    ...(Number(port) ? { url: `http://${host}:${port}/metrics` } : {}),
  };
}
