import { constants, copyFile, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { nearest, type ModelMeta, type ModelVersion } from '@temper/contracts';
import { exportMerged, isPeftAdapter, publishedFormat, mergeRefusal } from '@temper/methods';
import { readMethodSpec } from '@temper/methods/schema';
import { openModel, readSafetensors } from '@temper/models';
import { SIGNATURE_FILE } from '@temper/storage';
import { definitionOf } from '@temper/tasks';
import { preparedBase } from '@temper/training';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { homeFolder } from '../services/home.js';
import { openSession, type Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';

export interface ExportSettings {
  /** `peft`: the adapter as it was published; `merged`: the whole model, as transformers loads it. Default: as published. */
  readonly format?: string | undefined;
  /** Where the base model goes, as transformers loads it. */
  readonly base?: string | undefined;
}

/** The files of a version, and with `--base` the model that it was trained from, as transformers loads it. */
export async function exportModel(
  terminal: Terminal,
  reference: string,
  folder: string,
  { format, base }: ExportSettings,
): Promise<void> {
  requireFormat(format);
  for (const path of [folder, ...(base === undefined ? [] : [base])]) await requireEmpty(path);
  await using session = await openSession(terminal);
  const version = await session.client.registry.load(reference);
  const { files, meta } = await session.artifacts.manifest(version.artifact);
  requirePossible(meta, format);
  const merged = format === 'merged' && meta.format === 'adapter';
  const published = files.map((f) => f.path);
  const paths = await inScratch(async (scratch) => {
    await session.artifacts.materialize(version.artifact, scratch);
    if (merged) return writeMerged(session, { meta, adapter: scratch }, resolve(folder));
    const signed = await writeSignature(session, version, scratch);
    await copyAll(scratch, [...published, ...signed], resolve(folder));
    return [...published, ...signed];
  });
  if (base !== undefined) await exportBase(session, meta.base, resolve(base));
  const written = {
    folder: resolve(folder),
    files: paths,
    ...(base === undefined ? {} : { base: resolve(base) }),
  };
  const { name, version: number, digest } = version;
  const answer = { name, version: number, digest, format: merged ? 'full' : meta.format, ...written };
  terminal.answer(answer, () =>
    sayExported(terminal, version, merged ? 'Hugging Face folder' : kindOf(meta), { folder, paths, base }),
  );
}

function kindOf({ format, method }: ModelMeta): string {
  if (format === 'full') return 'Hugging Face folder';
  return isPeftAdapter(readMethodSpec(method))
    ? 'PEFT adapter'
    : 'folder for Temper alone (PEFT has no such adapter)';
}

function sayExported(
  terminal: Terminal,
  { name, version }: ModelVersion,
  kind: string,
  { folder, paths, base }: { folder: string; paths: readonly string[]; base: string | undefined },
): void {
  terminal.say(`${pc.green('✔')} ${name}:${version} as a ${kind} in ${folder}`);
  for (const path of paths) terminal.note(`  ${path}`);
  if (base !== undefined) terminal.say(`${pc.green('✔')} its base model as a Hugging Face folder in ${base}`);
}

const formats = ['peft', 'merged'];

function requireFormat(format: string | undefined): void {
  if (format === undefined || formats.includes(format)) return;
  const close = nearest(format, formats);
  throw usageError('--format', 'no format of an export', {
    found: format,
    allowed: formats.join(', '),
    ...(close ? { hint: `did you mean ${close}?` } : {}),
  });
}

/** What the model cannot be exported as is told before anything is written. */
function requirePossible(meta: ModelMeta, format: string | undefined): void {
  const method = readMethodSpec(meta.method);
  if (format === 'peft' && publishedFormat(method) === 'full')
    throw usageError('--format', 'the model was trained whole: it has no adapter', {
      found: format,
      allowed: 'merged, or no --format',
    });
  const why = format === 'merged' ? mergeRefusal(method) : undefined;
  if (why !== undefined)
    throw usageError('--format', `an adapter of method ${method.type} cannot be merged: ${why}`, {
      found: 'merged',
      allowed: 'peft, with --base for the base model',
    });
}

/** The base model with the adapter in its weights, and what is known of the model besides. */
function writeMerged(
  { artifacts }: Session,
  { meta, adapter }: { readonly meta: ModelMeta; readonly adapter: string },
  folder: string,
): Promise<string[]> {
  return inScratch(async (scratch) => {
    const model = await openModel(
      await preparedBase(artifacts, meta.base, scratch, join(homeFolder(), 'cache', 'models')),
    );
    const { head, headSize, problemType } = definitionOf(meta);
    await exportMerged(folder, {
      model,
      task: head,
      labels: headSize(meta.labelNames),
      problemType,
      labelNames: meta.labelNames,
      method: readMethodSpec(meta.method),
      precision: meta.precision,
      weights: await readSafetensors(join(adapter, 'adapter_model.safetensors')),
    });
    const described = { ...meta, format: 'full' } satisfies ModelMeta;
    await writeFile(join(folder, 'temper.json'), `${JSON.stringify(described, null, 2)}\n`);
    return (await readdir(folder)).sort();
  });
}

/** GGUF files and half precision are converted, once, as for a training. */
function exportBase(
  { artifacts }: Session,
  base: Parameters<typeof preparedBase>[1],
  target: string,
): Promise<void> {
  return inScratch(async (scratch) => {
    const prepared = await preparedBase(artifacts, base, scratch, join(homeFolder(), 'cache', 'models'));
    const entries = await readdir(prepared, { recursive: true, withFileTypes: true });
    const names = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
    await copyAll(
      prepared,
      names.map((name) => name.slice(prepared.length + 1)),
      target,
    );
  });
}

async function requireEmpty(path: string): Promise<void> {
  const there = await readdir(resolve(path)).catch(async ({ code }: NodeJS.ErrnoException) => {
    // A link that leads nowhere is there as well.
    if (code === 'ENOENT' && !(await lstat(resolve(path)).catch(() => undefined))) return [];
    throw usageError(path, 'no folder that can be written to', {
      found: code === 'ENOENT' ? 'a link that leads nowhere' : String(code),
    });
  });
  if (!there.length) return;
  throw usageError(path, 'the folder is not empty', { found: there.slice(0, 5).join(', ') });
}

/** Beside the files as they were signed, for `model_signing verify`: that of a trusted key, else the first that there is. */
async function writeSignature(
  { client }: Session,
  version: ModelVersion,
  folder: string,
): Promise<readonly string[]> {
  const { signatures } = client.registry;
  const bundle = (await signatures.require(version))?.bundle ?? (await signatures.of(version))[0];
  if (!bundle) return [];
  await writeFile(join(folder, SIGNATURE_FILE), `${JSON.stringify(bundle, null, 2)}\n`);
  return [SIGNATURE_FILE];
}

/** Copies: what is in the cache is shared by hard links and must not be edited. */
async function copyAll(from: string, paths: readonly string[], to: string): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(from, path), join(to, path), constants.COPYFILE_EXCL);
  }
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'temper-export-'));
  try {
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
