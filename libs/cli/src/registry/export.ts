import { mkdir, readdir, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pc } from '../style.js';
import { usageError } from '../failure.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';

/** The files are copied: the cached ones are shared by hard links and must not be edited. */
export async function exportModel(terminal: Terminal, reference: string, folder: string): Promise<void> {
  const target = resolve(folder);
  const there = await readdir(target).catch(() => []);
  if (there.length) {
    throw usageError(folder, 'the folder is not empty', { found: there.slice(0, 5).join(', ') });
  }
  await using session = await openSession(terminal);
  const version = await session.client.registry.resolve(reference);
  const { files, meta } = await session.artifacts.manifest(version.artifact);
  const linked = await mkdtemp(join(tmpdir(), 'temper-export-'));
  try {
    await session.artifacts.materialize(version.artifact, linked);
    for (const { path } of files) {
      await mkdir(dirname(join(target, path)), { recursive: true });
      await copyFile(join(linked, path), join(target, path));
    }
  } finally {
    await rm(linked, { recursive: true, force: true });
  }
  const paths = files.map((f) => f.path);
  const { name, version: number, digest } = version;
  terminal.answer(
    { name, version: number, digest, format: meta.format, folder: target, files: paths },
    () => {
      const kind = meta.format === 'adapter' ? 'PEFT adapter' : 'Hugging Face folder';
      terminal.say(`${pc.green('✔')} ${name}:${number} as a ${kind} in ${folder}`);
      for (const path of paths) terminal.note(`  ${path}`);
    },
  );
}
