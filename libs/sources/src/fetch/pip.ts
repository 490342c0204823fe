import { TemperError } from '@temper/contracts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedPython } from '../pins.js';
import { installOnce } from './install-once.js';
import { runTool, type ToolResult } from './run-tool.js';

export interface PipFetchOptions {
  readonly package: string;
  /** Without one: the pinned version, else the newest at the first fetch. */
  readonly version?: string | undefined;
  /** SHA-256 digests (hexadecimal) of the archives that are accepted, one a platform; without them: those pinned. */
  readonly hashes?: readonly string[] | undefined;
  readonly cacheFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches a Python package with the machine's own pip and configuration, and answers the folder with its files.
 * Nothing of the package is run: wheels only, no dependencies, no byte code.
 * @throws TemperError SOURCE_UNAVAILABLE with pip's own message.
 */
export async function pipFetch(options: PipFetchOptions): Promise<string> {
  const pin = pinnedPython[options.package];
  const version = options.version ?? pin?.version;
  const hashes = options.hashes ?? (version === pin?.version ? pin?.sha256 : undefined) ?? [];
  const name = options.package.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const folder = join(options.cacheFolder, 'pypi', `${name}-${version ?? 'newest'}`);
  return installOnce(folder, (target) => pipInstall(target, options, version, hashes));
}

async function pipInstall(
  target: string,
  { package: name, signal }: PipFetchOptions,
  version: string | undefined,
  hashes: readonly string[],
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'temper-pip-'));
  try {
    const requirements = join(work, 'requirements.txt');
    const line = [version ? `${name}==${version}` : name, ...hashes.map((h) => `--hash=sha256:${h}`)];
    await writeFile(requirements, `${line.join(' ')}\n`);
    const args = ['install', '--quiet', '--no-deps', '--no-compile', '--no-input', '--only-binary=:all:'];
    args.push('--disable-pip-version-check', '--target', target, '--requirement', requirements);
    if (hashes.length) args.push('--require-hashes');
    const result = await pip(args, signal);
    if (result.status !== 0) throw unavailable(name, version, result);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function pip(args: readonly string[], signal: AbortSignal | undefined): Promise<ToolResult> {
  // A machine-wide `user = true` or `require-virtualenv = true` contradicts --target.
  const env = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_ROOT_USER_ACTION: 'ignore' };
  return runTool(await interpreter(), ['-m', 'pip', ...args], { env, signal });
}

/**
 * Python itself, not what PATH has under its name: a version manager's wrapper may do work of its own around pip
 * (pyenv makes its shims anew after each install, which fails when two install at a time).
 */
async function interpreter(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const { status, stdout } = await runTool(name, ['-c', 'import sys; print(sys.executable)']);
    if (status === 0 && stdout.trim()) return stdout.trim();
  }
  return 'python3';
}

function unavailable(name: string, version: string | undefined, result: ToolResult): TemperError {
  const path = `pypi:${name}${version ? `@${version}` : ''}`;
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
