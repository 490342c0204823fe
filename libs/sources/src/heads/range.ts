import type { IncomingHttpHeaders } from 'node:http';

export const rangeHeaders = (range: string) => ({
  ...{ 'user-agent': 'temper', 'accept-encoding': 'identity' },
  range,
});

/** Of the whole file, as far as the answer tells. */
export function sizeOf(status: number, headers: IncomingHttpHeaders) {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return undefined;
  if (status === 206) return Number(/\/(\d+)$/.exec(String(headers['content-range']))?.[1] ?? 0) || undefined;
  return status === 200 ? Number(headers['content-length'] ?? 0) || undefined : undefined;
}
