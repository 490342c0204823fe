import { TemperError } from '@temper/contracts';
import { hfFiles } from './kinds/hf.js';
import { httpFiles } from './kinds/http.js';
import { localFiles } from './kinds/local.js';
import { npmFiles } from './kinds/npm.js';
import { pypiFiles } from './kinds/pypi.js';
import { s3Files } from './kinds/s3.js';
import { digestFiles, type FoundFiles, type ResolvedSource, type ResolveOptions } from './source.js';

type Kind = (rest: string, options: ResolveOptions) => Promise<FoundFiles>;

/** Scheme -> how it is found. What has no scheme is a path or a glob. */
const kinds: Readonly<Record<string, Kind>> = {
  s3: (rest, options) => s3Files(`s3:${rest}`, options),
  http: (rest, options) => httpFiles(`http:${rest}`, options),
  https: (rest, options) => httpFiles(`https:${rest}`, options),
  npm: npmFiles,
  pypi: pypiFiles,
  hf: hfFiles,
  file: (rest, options) => localFiles(decodeURIComponent(rest.replace(/^\/\/(?=\/)/, '')), options),
};

const schemeOf = (uri: string) => /^([a-z0-9]{2,}):/.exec(uri)?.[1];

/** Whether the source is on this machine already, so that it can be looked at before anything is queued. */
export const isLocalSource = (uri: string): boolean => [undefined, 'file'].includes(schemeOf(uri));

/**
 * Makes the files of a source local: file | glob | folder | s3:// | http(s):// | npm:PACKAGE | pypi:PACKAGE | hf:ORG/NAME[@rev].
 * @throws TemperError NOT_FOUND (with the nearest name that exists), DATA_INVALID (nothing usable in it), SOURCE_UNAVAILABLE.
 */
export async function resolveSource(uri: string, options: ResolveOptions): Promise<ResolvedSource> {
  const scheme = schemeOf(uri);
  const kind = scheme === undefined ? undefined : kinds[scheme];
  if (!kind && uri.includes('://')) throw unknownKind(uri);
  const found = kind ? await kind(uri.slice(scheme!.length + 1), options) : await localFiles(uri, options);
  return { uri, folder: found.folder, files: found.files, digest: await digestFiles(found) };
}

const unknownKind = (uri: string) =>
  new TemperError('DATA_INVALID', {
    path: uri,
    message: 'no such kind of source',
    allowed: `a path, a glob, ${Object.keys(kinds)
      .map((scheme) => `${scheme}:`)
      .join(' ')}`,
  });
