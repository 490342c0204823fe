import { constants, copyFile, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { preparedBase } from '@temper/training';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { homeFolder } from '../services/home.js';
import { openSession, type Session } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/** The files of a version, and with `--base` the model that it was trained from, as transformers loads it. */
export async function exportModel(
  terminal: Terminal,
  reference: string,
  folder: string,
  base?: string,
): Promise<void> {
  for (const path of [folder, ...(base === undefined ? [] : [base])]) await requireEmpty(path);
  await using session = await openSession(terminal);
  const version = await session.client.registry.resolve(reference);
  const { files, meta } = await session.artifacts.manifest(version.artifact);
  const paths = files.map((f) => f.path);
  await inScratch(async (scratch) => {
    await session.artifacts.materialize(version.artifact, scratch);
    await copyAll(scratch, paths, resolve(folder));
  });
  if (base !== undefined) await exportBase(session, meta.base, resolve(base));
  const { name, version: number, digest } = version;
  const written = {
    folder: resolve(folder),
    files: paths,
    ...(base === undefined ? {} : { base: resolve(base) }),
  };
  terminal.answer({ name, version: number, digest, format: meta.format, ...written }, () => {
    const kind = meta.format === 'adapter' ? 'PEFT adapter' : 'Hugging Face folder';
    terminal.say(`${pc.green('✔')} ${name}:${number} as a ${kind} in ${folder}`);
    for (const path of paths) terminal.note(`  ${path}`);
    if (base !== undefined)
      terminal.say(`${pc.green('✔')} its base model as a Hugging Face folder in ${base}`);
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

/** Copies: what is in the cache is shared by hard links and must not be edited. */
async function copyAll(from: string, paths: readonly string[], to: string): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(from, path), join(to, path), constants.COPYFILE_EXCL);
  }
}

async function inScratch(work: (folder: string) => Promise<void>): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'temper-export-'));
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
