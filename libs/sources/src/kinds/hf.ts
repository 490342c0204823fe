import { downloadFile, HubApiError, listFiles, type ListFileEntry } from '@huggingface/hub';
import { TemperError } from '@temper/contracts';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { modelsAmong } from '../choose-files.js';
import { installOnce } from '../fetch/install-once.js';
import { unusable } from '../not-found.js';
import type { FoundFiles, ResolveOptions } from '../source.js';

/**
 * `hf:ORG/NAME[/FILE.gguf][@REVISION]`: of a model's repository only what is needed (safetensors, configuration,
 * tokenizer; or the GGUF file). `HF_TOKEN` and `HF_ENDPOINT` are honoured.
 */
export async function hfFiles(name: string, options: ResolveOptions): Promise<FoundFiles> {
  const uri = `hf:${name}`;
  const [, repository, file, revision] = /^([^/@]+\/[^/@]+)(?:\/([^@]+))?(?:@(.+))?$/.exec(name) ?? [];
  if (!repository) throw unusable(uri, 'not a repository name', [name], 'hf:ORG/NAME[@REVISION]');
  const hub = {
    repo: { type: 'model', name: repository } as const,
    ...(revision ? { revision } : {}),
    ...(process.env.HF_ENDPOINT ? { hubUrl: process.env.HF_ENDPOINT } : {}),
    ...(process.env.HF_TOKEN ? { accessToken: process.env.HF_TOKEN } : {}),
  };
  const entries = await asSource(uri, () => collect(listFiles({ ...hub, recursive: true })));
  const wanted = choose(uri, entries, file);
  const key = createHash('sha256').update(JSON.stringify([repository, wanted.map((e) => [e.path, e.oid])]));
  const folder = join(
    options.cacheFolder,
    'hf',
    `${repository.replace('/', '-')}-${key.digest('hex').slice(0, 12)}`,
  );
  const nameOf = (entry: ListFileEntry) => entry.path.slice(entry.path.lastIndexOf('/') + 1);
  await installOnce(folder, async (temporary) => {
    for (const entry of wanted) {
      options.signal?.throwIfAborted();
      const content = await asSource(uri, () => downloadFile({ ...hub, path: entry.path }));
      if (!content) throw unusable(uri, 'a listed file is not there', [entry.path], undefined, 'NOT_FOUND');
      await asSource(uri, () =>
        pipeline(
          Readable.fromWeb(content.stream() as never),
          createWriteStream(join(temporary, nameOf(entry))),
        ),
      );
    }
  });
  return { folder, files: wanted.map((entry) => join(folder, nameOf(entry))).sort() };
}

/** The named file, or the only model in the repository (its root before its folders). */
function choose(uri: string, entries: readonly ListFileEntry[], file: string | undefined): ListFileEntry[] {
  const files = entries.filter((entry) => entry.type === 'file');
  const named = files.filter((entry) => entry.path === file);
  if (file) {
    if (named.length) return named;
    const paths = files.map((entry) => entry.path);
    throw unusable(uri, `no file ${file} in the repository`, paths, undefined, 'NOT_FOUND');
  }
  const models = modelsAmong(files.map((entry) => entry.path));
  const model = models.find(({ folder, files: of }) => folder === '.' && of.length > 1) ?? models[0];
  if (!model || (models.length > 1 && model.files.length === 1)) {
    const found = models.length ? models.flatMap((m) => m.files) : files.map((entry) => entry.path);
    const message = models.length
      ? 'there are several models in it'
      : 'no safetensors or GGUF model is in it';
    throw unusable(uri, message, found, models.length ? `name one: ${uri}/FILE` : undefined);
  }
  return files.filter((entry) => model.files.includes(entry.path));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function asSource<T>(uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const status = error instanceof HubApiError ? error.statusCode : undefined;
    const code = status === 404 || status === 401 ? 'NOT_FOUND' : 'SOURCE_UNAVAILABLE';
    const { message, cause } = error as Error;
    throw new TemperError(
      code,
      {
        path: uri,
        message: cause instanceof Error ? `${message}: ${cause.message}` : message,
        ...(code === 'NOT_FOUND' ? { hint: 'check the name; a private repository needs HF_TOKEN' } : {}),
      },
      { cause: error },
    );
  }
}
