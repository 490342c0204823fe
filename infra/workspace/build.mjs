// Transpiles every package's src/ to dist/, file by file (types are checked by `npm run typecheck`).
//   node infra/workspace/build.mjs [PACKAGE_FOLDER ...]
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { packages, root } from './packages.mjs';

async function sourceFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile() && e.name.endsWith('.ts') && !/\.(test|d)\.ts$/.test(e.name))
    .map((e) => join(e.parentPath ?? e.path, e.name));
}

async function buildPackage(folder) {
  const source = join(root, folder, 'src');
  if (!existsSync(source)) return;
  const output = join(root, folder, 'dist');
  const { metafile } = await build({
    entryPoints: await sourceFiles(source),
    outdir: output,
    outbase: source,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    metafile: true,
  });
  // Only what is stale goes, and last: a process that runs from dist/ meanwhile finds its files.
  const outputs = Object.keys(metafile.outputs).map((file) => resolve(file));
  // The types beside them are written by types.mjs, for packing.
  const written = new Set(outputs.flatMap((file) => [file, file.replace(/\.js$/, '.d.ts')]));
  const there = existsSync(output) ? await readdir(output, { recursive: true, withFileTypes: true }) : [];
  const stale = there.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));
  await Promise.all(stale.filter((file) => !written.has(file)).map((file) => rm(file, { force: true })));
}

/** All without `asked`. */
export async function buildPackages(asked = []) {
  const folders = asked.length ? asked : packages().map(({ folder }) => folder);
  await Promise.all(folders.map(buildPackage));
}

if (process.argv[1] === import.meta.filename) await buildPackages(process.argv.slice(2));
