import { pypiName, TemperError, type DownloadSpec } from '@temper/contracts';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { basename, join } from 'node:path';
import { inTemporary } from '../files/temporary.js';
import { invalidSource } from '../not-found.js';
import { pinnedPython } from '../pins.js';
import { fileNameOf } from './file-name.js';
import { installOnce } from './install-once.js';
import { newestOf, withVersion, type Fetched } from './newest.js';
import { runTool, type ToolResult } from './run-tool.js';
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
  // PEP 503
  const name = options.package.toLowerCase().replaceAll(/[-_.]+/g, '-');
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
      const wheel = await download(work, { name, version, hashes, uri, signal: options.signal });
      const number = version ?? basename(wheel).split('-')[1]!;
      return installOnce(ofVersion(number), (target) =>
        unpackWheel(wheel, target, uri, new UnpackLimit(uri, options.limits)),
      );
    });
  return version === undefined
    ? newestOf(join(folder, `${name}-newest.json`), uri, fetch)
    : { folder: await fetch(), notes: [] };
}

interface Wanted {
  readonly name: string;
  readonly version: string | undefined;
  readonly hashes: readonly string[];
  readonly uri: string;
  readonly signal: AbortSignal | undefined;
}

/** The wheel. pip works in `work`, which is empty: what lies where the user is must not become a part of pip. */
async function download(work: string, { name, version, hashes, uri, signal }: Wanted): Promise<string> {
  const line = [version ? `${name}==${version}` : name, ...hashes.map((h) => `--hash=sha256:${h}`)];
  await writeFile(join(work, 'requirements.txt'), `${line.join(' ')}\n`);
  const args = ['download', '--quiet', '--no-deps', '--no-input', '--only-binary=:all:', '--dest=wheels'];
  args.push('--disable-pip-version-check', ...(hashes.length ? ['--require-hashes'] : []));
  const env = pipEnvironment(process.env);
  const result = await runTool(await interpreter(work), ['-m', 'pip', ...args], {
    cwd: work,
    env,
    signal,
    bare: true,
  });
  const wheels = result.status === 0 ? await readdir(join(work, 'wheels')).catch(() => []) : [];
  const [wheel] = wheels.filter((file) => file.endsWith('.whl'));
  if (wheel === undefined || wheels.length > 1) throw unavailable(uri, result);
  return join(work, 'wheels', wheel);
}

/** What pip may be told by the environment: where to ask and how, not what to fetch or build. */
const asking =
  /^PIP_(INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|TRUSTED_HOST|(CLIENT_)?CERT|PROXY|(DEFAULT_)?TIMEOUT|RETRIES|CACHE_DIR|NO_CACHE_DIR|CONFIG_FILE|KEYRING_PROVIDER|PRE|USE_FEATURE|USE_DEPRECATED)$/;

export function pipEnvironment(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(outer).filter(([name]) => !name.startsWith('PIP_') || asking.test(name));
  return {
    ...Object.fromEntries(kept),
    // By the environment, which goes before configuration files: one that names requirements adds none of its own.
    PIP_REQUIREMENT: 'requirements.txt',
    PIP_CONSTRAINT: devNull,
    PIP_NO_BINARY: ':none:',
    PIP_REQUIRE_VIRTUALENV: '0',
  };
}

/**
 * Python itself, not what PATH has under its name: a version manager's wrapper may do work of its own around pip
 * (pyenv makes its shims anew after each install, which fails when two install at a time).
 */
async function interpreter(cwd: string): Promise<string> {
  for (const name of ['python3', 'python']) {
    const { status, stdout } = await runTool(name, ['-c', 'import sys; print(sys.executable)'], { cwd });
    if (status === 0 && stdout.trim()) return stdout.trim();
  }
  return 'python3';
}

function unavailable(path: string, result: ToolResult): TemperError {
  const noPip = result.missing || /No module named pip/.test(result.stderr);
  if (noPip) {
    const hint = 'install Python 3 with pip; it is only used to fetch files';
    return new TemperError('SOURCE_UNAVAILABLE', { path, message: 'python3 with pip is not there', hint });
  }
  const said = result.stderr
    .split('\n')
    .filter((l) => l.trim() && !/^\s*(WARNING|DEPRECATION|\[notice\])/.test(l));
  const hint = /hash/i.test(result.stderr)
    ? 'the file that was offered is not the pinned one: do not use it'
    : "check the network and pip's configuration (`pip config list`)";
  return new TemperError('SOURCE_UNAVAILABLE', {
    path,
    message: `pip could not fetch it: ${
      said
        .slice(-6)
        .map((l) => l.trim())
        .join(' ') || `exit status ${result.status}`
    }`,
    hint,
  });
}
