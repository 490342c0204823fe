import { randomBytes } from 'node:crypto';

/**
 * `NAME-yyyymmdd-hhmmss-xxxx` (UTC, four random base-36 digits): sorts by time, reads well, and two
 * submissions within a second do not meet. It is the workflow id too.
 */
export function newRunId(name: string, now = new Date(), random = randomBytes(4)): string {
  const [date, time] = now.toISOString().replace(/[-:]/g, '').split('T') as [string, string];
  const suffix = (random.readUInt32LE(0) % 36 ** 4).toString(36).padStart(4, '0');
  return `${name}-${date}-${time.slice(0, 6)}-${suffix}`;
}
