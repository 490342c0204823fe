import { pypiName, type DownloadSpec } from '@temper/contracts';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inTemporary } from '../files/temporary.js';
import { invalidSource } from '../not-found.js';
import { pinnedPython } from '../pins.js';
import { fileNameOf, pythonNameOf } from './file-name.js';
import { installOnce } from './install-once.js';
import { newestOf, withVersion, type Fetched } from './newest.js';
import { downloadWheel } from './pip-download.js';
import { UnpackLimit } from './unpack-limit.js';
import { unpackWheel } from './wheel.js';

export interface PipFetchOptions {
  readonly package: string;
  /** Without one: the pinned version, else the newest at the first fetch. */
  readonly version?: string | undefined;
  /** SHA-256 digests (hexadecimal) of the archives that are accepted, one a platform; without them: those pinned. */
  readonly hashes?: readonly string[] | undefined;
  readonly cacheFolder: string;
  readonly limits?: Pick<DownloadSpec, 'maxBytes'> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches a Python package with the machine's own pip and configuration, and returns the folder with its files.
 * Nothing of the package is run and nothing is built: a wheel is downloaded and unpacked here; no dependencies.
 * @throws TemperError SPEC_INVALID for what is no name; SOURCE_UNAVAILABLE with pip's own message.
 */
export async function pipFetch(options: PipFetchOptions): Promise<string> {
  return (await pipPackage(options)).folder;
}

/** As `pipFetch`; the newest version is asked for again after a day. */
export async function pipPackage(options: PipFetchOptions): Promise<Fetched> {
  const asked = withVersion(options.package, options.version);
  const parsed = pypiName(asked);
  if (parsed?.name !== options.package || parsed.version !== options.version)
    throw invalidSource(`pypi:${asked}`);
  const name = pythonNameOf(options.package);
  const pin = pinnedPython[name];
  const version = options.version ?? pin?.version;
  const hashes = options.hashes ?? (version === pin?.version ? pin?.sha256 : undefined) ?? [];
  const uri = `pypi:${withVersion(name, version)}`;
  const folder = join(options.cacheFolder, 'pypi');
  const ofVersion = (number: string) => join(folder, `${name}-${fileNameOf(number.replaceAll('-', '_'))}`);
  if (version !== undefined && existsSync(ofVersion(version)))
    return { folder: ofVersion(version), notes: [] };
  const fetch = () =>
    inTemporary('temper-pip-', async (work) => {
      const wheel = await downloadWheel(work, { name, version, hashes, uri, signal: options.signal });
      const number = version ?? basename(wheel).split('-')[1]!;
      return installOnce(ofVersion(number), (target) =>
        unpackWheel(wheel, target, uri, new UnpackLimit(uri, options.limits)),
      );
    });
  return version === undefined
    ? newestOf(join(folder, `${name}-newest.json`), uri, fetch)
    : { folder: await fetch(), notes: [] };
}
