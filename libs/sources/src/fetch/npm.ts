import { npmName, TemperError, type DownloadSpec } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readJson } from '../files/json.js';
import { inTemporary } from '../files/temporary.js';
import { invalidSource } from '../not-found.js';
import { pinnedNpm } from '../pins.js';
import { fileNameOf } from './file-name.js';
import { installOnce } from './install-once.js';
import { newestOf, withVersion, type Fetched } from './newest.js';
import { runTool } from './run-tool.js';
import { unpackNpm } from './tarball.js';
import { UnpackLimit } from './unpack-limit.js';

export interface NpmFetchOptions {
  readonly package: string;
  readonly version?: string | undefined;
  readonly cacheFolder: string;
  /** Where node_modules is looked for, upwards. */
  readonly baseFolder: string;
  readonly limits?: Pick<DownloadSpec, 'maxBytes'> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The folder of an npm package: the installed one, else fetched with `npm pack`. Nothing of the package is run.
 * A tag, or the beginning of a version, is asked for again after a day.
 * @throws TemperError SPEC_INVALID for what is no name; SOURCE_UNAVAILABLE with npm's own message.
 */
export async function npmFetch(options: NpmFetchOptions): Promise<Fetched> {
  const { package: name, cacheFolder } = options;
  const asked = withVersion(name, options.version);
  const parsed = npmName(asked);
  if (parsed?.name !== name || parsed.version !== options.version) throw invalidSource(`npm:${asked}`);
  const pin = pinnedNpm[name];
  const version = options.version ?? pin?.version;
  const installed = await installedPackage(options.baseFolder, name, version);
  if (installed) return { folder: installed, notes: [] };
  const folderOf = (number: string) => join(cacheFolder, 'npm', fileNameOf(`${name}@${number}`));
  const exact = version !== undefined && exactVersion.test(version);
  if (exact && existsSync(folderOf(version))) return { folder: folderOf(version), notes: [] };
  const wanted = version ?? 'latest';
  const uri = `npm:${name}@${wanted}`;
  const sha512 = version === pin?.version ? pin?.sha512 : undefined;
  const fetch = () =>
    inTemporary('temper-npm-', async (work) => {
      await pack(work, `${name}@${wanted}`, uri, options.signal);
      const unpacked = join(work, 'unpacked');
      await mkdir(unpacked);
      await unpackNpm(await packed(work, uri, sha512), unpacked, uri, new UnpackLimit(uri, options.limits));
      const number = exact ? version : await versionIn(unpacked, uri);
      return installOnce(folderOf(number), (target) => cp(unpacked, target, { recursive: true }));
    });
  if (exact) return { folder: await fetch(), notes: [] };
  return newestOf(`${folderOf(`${wanted}`)}.json`, uri, fetch);
}

// semver.org, without its limits on leading zeros
const exactVersion = /^\d+\.\d+\.\d+(?:-[\da-z.-]+)?(?:\+[\da-z.-]+)?$/i;

async function installedPackage(from: string, name: string, version: string | undefined) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    const manifest = await readJson<{ version?: unknown }>(join(candidate, 'package.json'));
    if (manifest && (!version || manifest.version === version)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

async function versionIn(folder: string, uri: string): Promise<string> {
  const manifest = await readJson<{ version?: unknown }>(join(folder, 'package.json'));
  const version = String(manifest?.version);
  if (exactVersion.test(version)) return version;
  throw new TemperError('SOURCE_REFUSED', {
    path: uri,
    message: 'its package.json names no version',
    found: JSON.stringify(version.slice(0, 60)),
  });
}

async function pack(
  work: string,
  name: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const args = ['pack', '--silent', '--ignore-scripts', '--', name];
  const result = await runTool('npm', args, { cwd: work, signal });
  if (result.status === 0) return;
  throw new TemperError('SOURCE_UNAVAILABLE', {
    path,
    message: `npm could not fetch it: ${reason(result.stderr) || `exit status ${result.status}`}`,
    hint: "check the name, the network and npm's configuration (`npm config list`)",
  });
}

/** The archive that npm left, if it is the pinned one. */
async function packed(work: string, path: string, sha512: string | undefined): Promise<string> {
  const archive = (await readdir(work)).find((file) => file.endsWith('.tgz'));
  if (archive === undefined)
    throw new TemperError('SOURCE_UNAVAILABLE', { path, message: 'npm left no archive' });
  const file = join(work, archive);
  if (sha512) {
    const hash = createHash('sha512');
    await pipeline(createReadStream(file), hash);
    if (hash.digest('base64') !== sha512) {
      throw new TemperError('SOURCE_UNAVAILABLE', {
        path,
        message: 'the file that was offered is not the pinned one',
      });
    }
  }
  return file;
}

const reason = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => /npm (error|ERR!)/.test(line) && !/complete log|debug/.test(line))
    .map((line) => line.replace(/npm (error|ERR!)\s*/, '').trim())
    .filter(Boolean)
    .slice(0, 4)
    .join(' ');
