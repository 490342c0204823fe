import { TemperError } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { extract } from 'tar';
import { pinnedNpm } from '../pins.js';
import { installOnce } from './install-once.js';
import { runTool } from './run-tool.js';

export interface NpmFetchOptions {
  readonly package: string;
  readonly version?: string | undefined;
  readonly cacheFolder: string;
  /** Where node_modules is looked for, upwards. */
  readonly baseFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/** The folder of an npm package: the installed one, else fetched with `npm pack`. Nothing of the package is run. */
export async function npmFetch(options: NpmFetchOptions): Promise<string> {
  const pin = pinnedNpm[options.package];
  const version = options.version ?? pin?.version;
  const installed = await installedPackage(options.baseFolder, options.package, version);
  if (installed) return installed;
  const name = options.package.replace(/^@/, '').replaceAll('/', '-');
  const folder = join(options.cacheFolder, 'npm', `${name}-${version ?? 'newest'}`);
  const sha512 = version === pin?.version ? pin?.sha512 : undefined;
  return installOnce(folder, (target) => pack(target, options, version, sha512));
}

async function installedPackage(from: string, name: string, version: string | undefined) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) {
      const manifest = JSON.parse(await readFile(join(candidate, 'package.json'), 'utf8')) as {
        version?: string;
      };
      if (!version || manifest.version === version) return candidate;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

async function pack(
  target: string,
  { package: name, signal }: NpmFetchOptions,
  version: string | undefined,
  sha512: string | undefined,
): Promise<void> {
  const path = `npm:${name}${version ? `@${version}` : ''}`;
  const work = await mkdtemp(join(tmpdir(), 'temper-npm-'));
  try {
    const args = ['pack', '--silent', '--ignore-scripts', `${name}${version ? `@${version}` : ''}`];
    const result = await runTool('npm', args, { cwd: work, signal });
    const archive = (await readdir(work)).find((file) => file.endsWith('.tgz'));
    if (result.status !== 0 || !archive) {
      throw new TemperError('SOURCE_UNAVAILABLE', {
        path,
        message: `npm could not fetch it: ${reason(result.stderr) || `exit status ${result.status}`}`,
        hint: "check the name, the network and npm's configuration (`npm config list`)",
      });
    }
    const bytes = await readFile(join(work, archive));
    if (sha512 && createHash('sha512').update(bytes).digest('base64') !== sha512) {
      throw new TemperError('SOURCE_UNAVAILABLE', {
        path,
        message: 'the file that was offered is not the pinned one',
      });
    }
    await extract({ file: join(work, archive), cwd: target, strip: 1 });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const reason = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => /npm (error|ERR!)/.test(line) && !/complete log|debug/.test(line))
    .map((line) => line.replace(/npm (error|ERR!)\s*/, '').trim())
    .filter(Boolean)
    .slice(0, 4)
    .join(' ');
