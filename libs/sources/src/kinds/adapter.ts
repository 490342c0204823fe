import { TemperError } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adapterFiles } from '../choose-files.js';
import { installOnce } from '../fetch/install-once.js';
import { locateSource } from '../resolve-source.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { httpFiles } from './http.js';

const [configFile, weightsFile, namesFile] = adapterFiles;
const lastFile = new RegExp(`(?<=/)(?:${[configFile, weightsFile].join('|').replaceAll('.', '\\.')})$`);

/**
 * The folder of an adapter that PEFT saved, from a source of any kind. Where one of its two files is named, the other one
 * belongs to it; by `http(s)://` the address of its folder does, too, since a server lists nothing.
 * @throws TemperError as `locateSource` does
 */
export function locateAdapter(uri: string, options: ResolveOptions): Promise<FoundFiles> {
  // An adapter is small: what is as large as a model is none, and is not fetched to be told so.
  const whole = { ...options, headsOnly: false, bounded: true };
  if (/^https?:/.test(uri)) return overHttp(new URL(uri), whole);
  return locateSource(uri.startsWith('s3:') ? uri.replace(lastFile, '') : uri, whole);
}

async function overHttp(address: URL, options: ResolveOptions): Promise<FoundFiles> {
  const folder = address.pathname.replace(lastFile, '').replace(/\/?$/, '/');
  const get = async (name: string) => {
    const file = new URL(address);
    file.pathname = folder + name;
    return (await httpFiles(file.href, options)).files[0]!;
  };
  const isAbsent = (error: unknown) => error instanceof TemperError && error.code === 'NOT_FOUND';
  const config = await get(configFile).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
    const [problem] = (error as TemperError).problems;
    const allowed = `the address of a folder that holds ${configFile} and ${weightsFile}`;
    throw new TemperError('NOT_FOUND', { ...problem!, allowed }, { cause: error });
  });
  const weights = await get(weightsFile);
  const names = await get(namesFile).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
    return undefined;
  });
  const fetched = [config, weights, ...(names === undefined ? [] : [names])];
  // A newer download lies in a folder of its own.
  const key = createHash('sha256').update(JSON.stringify(fetched)).digest('hex').slice(0, 16);
  const place = await installOnce(join(options.cacheFolder, 'http-adapters', key), async (temporary) => {
    await Promise.all(fetched.map((file, i) => copyFile(file, join(temporary, adapterFiles[i]!))));
  });
  return { folder: place, files: fetched.map((_, i) => join(place, adapterFiles[i]!)) };
}
