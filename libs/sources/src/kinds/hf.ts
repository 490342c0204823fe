import { downloadFile, HubApiError, listFiles, type ListFileEntry } from '@huggingface/hub';
import { hfName, TemperError, type HubName } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { adaptersAmong, modelsAmong } from '../choose-files.js';
import { credentialFor } from '../credentials.js';
import { installOnce } from '../fetch/install-once.js';
import { staleNote } from '../fetch/newest.js';
import { readJson, writeJson } from '../files/json.js';
import { placeIn } from '../files/place.js';
import { headBytes } from '../heads/lengths.js';
import { writeHead, type ReadParts } from '../heads/write-head.js';
import { limitsOf, Watch } from '../http/watch.js';
import { oneLine, unusable } from '../not-found.js';
import type { FoundFiles, ResolveOptions } from '../source.js';

/**
 * `hf:ORG/NAME[/FILE.gguf][@REVISION]`: of a model's repository only what is needed (safetensors, configuration,
 * tokenizer; or the GGUF file; or the two files of an adapter, which its folder names, too). `HF_TOKEN` and `HF_ENDPOINT` are honoured. Where the hub cannot be reached, the files of
 * the last time are used, and this is said.
 */
export async function hfFiles(text: string, options: ResolveOptions): Promise<FoundFiles> {
  const uri = `hf:${text}`;
  const name = hfName(text)!;
  const asked = createHash('sha256')
    .update(JSON.stringify([process.env.HF_ENDPOINT, text]))
    .digest('hex');
  const pointer = join(options.cacheFolder, 'hf', 'asked', `${asked.slice(0, 24)}.json`);
  try {
    const found = await fetched(uri, name, options);
    if (found.cut) return found;
    const files = found.files.map((file) => basename(file));
    await writeJson(pointer, { folder: basename(found.folder), files, asked: Date.now() } satisfies Asked);
    return found;
  } catch (error) {
    if (!(error instanceof TemperError) || error.code !== 'SOURCE_UNAVAILABLE') throw error;
    const last = await readJson<Asked>(pointer);
    const folder = last && join(options.cacheFolder, 'hf', basename(last.folder));
    if (!folder || !existsSync(folder)) throw error;
    const files = last.files.map((file) => join(folder, basename(file)));
    return { folder, files, notes: [staleNote(uri, new Date(last.asked), error)] };
  }
}

/** What a name led to, when it was last asked for. */
interface Asked {
  readonly folder: string;
  readonly files: readonly string[];
  /** Milliseconds since 1970. */
  readonly asked: number;
}

async function fetched(uri: string, name: HubName, options: ResolveOptions): Promise<FoundFiles> {
  const { repository, file, revision } = name;
  const token = credentialFor(uri, options.limits)?.token ?? process.env.HF_TOKEN;
  // How large a file is the hub says.
  const limits = limitsOf(options);
  const hub = {
    repo: { type: 'model', name: repository } as const,
    ...(revision ? { revision } : {}),
    ...(process.env.HF_ENDPOINT ? { hubUrl: process.env.HF_ENDPOINT } : {}),
    ...(token ? { accessToken: token } : {}),
  };
  const entries = await asSource(uri, () => collect(uri, listFiles({ ...hub, recursive: true })));
  const wanted = choose(uri, entries, file);
  const key = createHash('sha256').update(JSON.stringify([repository, wanted.map((e) => [e.path, e.oid])]));
  const entry = `${repository.replace('/', '-')}-${key.digest('hex').slice(0, 12)}`;
  const whole = join(options.cacheFolder, 'hf', entry);
  const isLarge = wanted.some(({ path, size }) => headBytes(path, size) !== undefined);
  const cut = options.headsOnly === true && isLarge && !existsSync(whole);
  const folder = cut ? join(options.cacheFolder, 'hf-heads', entry) : whole;
  const placeOf = (within: string, { path }: ListFileEntry) =>
    placeIn(within, path.slice(path.lastIndexOf('/') + 1), uri);
  const files = wanted.map((entry) => placeOf(folder, entry)).sort();
  await installOnce(folder, async (temporary) => {
    for (const entry of wanted) {
      options.signal?.throwIfAborted();
      using watch = new Watch(`${uri} ${oneLine(entry.path)}`, limits, options.signal);
      watch.size(entry.size);
      const content = await asSource(uri, () => downloadFile({ ...hub, path: entry.path }));
      if (!content) throw unusable(uri, 'a listed file is not there', [entry.path], undefined, 'NOT_FOUND');
      // The hub's blobs fetch by range what is asked of them.
      const slice = async (from: number, to?: number) =>
        new Uint8Array(await asSource(uri, () => content.slice(from, to).arrayBuffer()));
      const parts: ReadParts = {
        first: (bytes) => slice(0, bytes),
        last: (bytes) => slice(entry.size - bytes, entry.size),
      };
      if (cut && (await writeHead(placeOf(temporary, entry), entry.path, entry.size, parts))) continue;
      await asSource(uri, () =>
        pipeline(
          Readable.fromWeb(content.stream() as never),
          (pieces: AsyncIterable<Uint8Array>) => watch.counted(pieces),
          createWriteStream(placeOf(temporary, entry), { flags: 'wx' }),
          { signal: watch.signal },
        ).catch((error: unknown) => {
          throw watch.passed ?? error;
        }),
      );
    }
  });
  return cut ? { folder, files, cut } : { folder, files };
}

/** The named file, or the only model in the repository (its root before its folders). */
function choose(uri: string, entries: readonly ListFileEntry[], file: string | undefined): ListFileEntry[] {
  const files = entries.filter((entry) => entry.type === 'file');
  const paths = files.map((entry) => entry.path);
  if (file) {
    const adapter = adaptersAmong(paths).find(
      ({ folder, files: of }) => folder === file || of.includes(file),
    );
    const named = files.filter(({ path }) => path === file || adapter?.files.includes(path));
    if (named.length) return named;
    throw unusable(uri, `no file ${file} in the repository`, paths, undefined, 'NOT_FOUND');
  }
  const whole = modelsAmong(paths);
  const models = whole.length ? whole : adaptersAmong(paths);
  const model = models.find(({ folder, files: of }) => folder === '.' && of.length > 1) ?? models[0];
  const isOneOfMany =
    models.length > 1 && (model!.files.length === 1 || (!whole.length && model!.folder !== '.'));
  if (!model || isOneOfMany) {
    const found = models.length ? models.flatMap((m) => m.files) : files.map((entry) => entry.path);
    const message = models.length
      ? `there are several ${whole.length ? 'models' : 'adapters'} in it`
      : 'no safetensors or GGUF model and no adapter is in it';
    throw unusable(uri, message, found, models.length ? `name one: ${uri}/FILE` : undefined);
  }
  return files.filter((entry) => model.files.includes(entry.path));
}

/** Of one repository; models have some dozens. */
const MOST_FILES = 100_000;

const tooMany = (path: string) =>
  new TemperError('SOURCE_REFUSED', { path, message: `more than ${MOST_FILES.toLocaleString('en')} files` });

async function collect<T>(uri: string, items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    if (all.push(item) > MOST_FILES) throw tooMany(uri);
  }
  return all;
}

async function asSource<T>(uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TemperError) throw error;
    const status = error instanceof HubApiError ? error.statusCode : undefined;
    const code = status === 404 || status === 401 ? 'NOT_FOUND' : 'SOURCE_UNAVAILABLE';
    const { message, cause } = error as Error;
    throw new TemperError(
      code,
      {
        path: uri,
        message: cause instanceof Error ? `${message}: ${cause.message}` : message,
        ...(code === 'NOT_FOUND'
          ? { hint: 'check the name; a private repository needs HF_TOKEN, or a name in download.credentials' }
          : {}),
      },
      { cause: error },
    );
  }
}
