import { fileOfUri, schemeOf, TemperError } from '@temper/contracts';
import { locateSource } from '@temper/sources';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

/**
 * The servers are other machines', and so may the workers be: what lies on this one they do not see. Servers of one's own
 * are for this machine alone.
 */
export const workersAreElsewhere = (): boolean =>
  Boolean(process.env['TEMPORAL_ADDRESS'] && process.env['S3_ENDPOINT']);

/** Whether a path or glob leads to something that can be read on this machine. */
export async function isHere(uri: string): Promise<boolean> {
  const path = schemeOf(uri) === 'file' ? fileOfUri(uri.slice('file:'.length)) : uri;
  if (path === undefined) return false;
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (readable || !/[*?[\]{}]/.test(path)) return readable;
  return locateSource(uri, { baseFolder: process.cwd(), cacheFolder: process.cwd() }).then(
    () => true,
    (error: unknown) => !(error instanceof TemperError && error.code === 'NOT_FOUND'),
  );
}

/** How a run is submitted that names what this machine does not see: the client looks for no files, ingest checks them. */
export const uncheckedWhere = (unseen: readonly string[]) =>
  unseen.length ? { unchecked: true, check: false } : {};
