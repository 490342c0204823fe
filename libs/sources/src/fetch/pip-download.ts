import { TemperError } from '@temper/contracts';
import { readdir, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { runTool, type ToolResult } from './run-tool.js';

export interface WantedWheel {
  /** As `pythonNameOf` writes it. */
  readonly name: string;
  readonly version: string | undefined;
  /** SHA-256 of what is accepted; none: whatever is offered. */
  readonly hashes: readonly string[];
  /** For errors. */
  readonly uri: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * The wheel of a package, without its requirements. pip works in `work`, which is empty: what lies where the user is must
 * not become a part of pip.
 * @throws TemperError SOURCE_UNAVAILABLE with pip's own message
 */
export async function downloadWheel(
  work: string,
  { name, version, hashes, uri, signal }: WantedWheel,
): Promise<string> {
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

function pipEnvironment(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
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
