import { fileOfUri, schemeOf, sourceMistake, type SourceScheme } from '@temper/contracts';
import { hfFiles } from './kinds/hf.js';
import { httpFiles } from './kinds/http.js';
import { localFiles } from './kinds/local.js';
import { npmFiles } from './kinds/npm.js';
import { pypiFiles } from './kinds/pypi.js';
import { s3Files } from './kinds/s3.js';
import { storedFiles } from './kinds/stored.js';
import { invalidSource } from './not-found.js';
import { digestFiles, type FoundFiles, type ResolvedSource, type ResolveOptions } from './source.js';

type Kind = (rest: string, options: ResolveOptions) => Promise<FoundFiles>;

/** Scheme -> how it is found. What has no scheme is a path or a glob. */
const kinds: Readonly<Record<Exclude<SourceScheme, 'model'>, Kind>> = {
  s3: (rest, options) => s3Files(`s3:${rest}`, options),
  http: (rest, options) => httpFiles(`http:${rest}`, options),
  https: (rest, options) => httpFiles(`https:${rest}`, options),
  npm: npmFiles,
  pypi: pypiFiles,
  hf: hfFiles,
  stored: storedFiles,
  file: (rest, options) => localFiles(fileOfUri(rest)!, options),
};

/** Whether the source is on this machine already, so that it can be looked at before anything is queued. */
export const isLocalSource = (uri: string): boolean => [undefined, 'file'].includes(schemeOf(uri));

/**
 * Makes the files of a source local: file | glob | folder | s3:// | http(s):// | npm:PACKAGE | pypi:PACKAGE | hf:ORG/NAME[@rev] | stored:DIGEST/NAME.
 * @throws TemperError SPEC_INVALID for what is no source by its grammar, before anything is called; NOT_FOUND (with the
 * nearest name that exists), DATA_INVALID (nothing usable in it), SOURCE_REFUSED, SOURCE_UNAVAILABLE.
 */
export async function locateSource(uri: string, options: ResolveOptions): Promise<FoundFiles> {
  const scheme = schemeOf(uri);
  if (sourceMistake(uri) || scheme === 'model') throw invalidSource(uri);
  return scheme ? kinds[scheme](uri.slice(scheme.length + 1), options) : localFiles(uri, options);
}

/** As `locateSource`, with the digest of what the files hold. */
export async function resolveSource(uri: string, options: ResolveOptions): Promise<ResolvedSource> {
  const found = await locateSource(uri, options);
  const { folder, files, notes = [] } = found;
  return { uri, folder, files, digest: await digestFiles(found), notes };
}
