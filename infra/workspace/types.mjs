// Writes the .d.ts of every published package into its dist/, for those who install it (in here types come from the sources).
//   node infra/workspace/types.mjs
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { published, root } from './packages.mjs';

/** Kept out of the packages, where npm would take it along. */
const stamp = join(root, 'node_modules/.cache/temper/types');

/** Writes them unless they are those of the present sources. */
export async function writeTypes() {
  const { fileNames, options } = config();
  const sources = fileNames.filter((file) => !file.endsWith('.test.ts') && folderOf(file));
  const digest = await digestOf(sources);
  const modules = sources.filter((file) => !file.endsWith('.d.ts'));
  const wanted = modules.map((file) => declarationOf(file.replace(/\.ts$/, '.d.ts')));
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === digest && wanted.every(existsSync)) return;
  const written = [];
  const program = ts.createProgram(sources, options);
  const { diagnostics } = program.emit(undefined, (file, text) => written.push(write(file, text)));
  await Promise.all(written);
  if (diagnostics.length) throw new Error(ts.formatDiagnostics(diagnostics, host));
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, digest);
}

function config() {
  const file = join(root, 'infra/workspace/tsconfig.json');
  const parsed = ts.getParsedCommandLineOfConfigFile(
    file,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic },
  );
  // What is checked is `npm run typecheck`'s matter.
  const emitted = {
    noEmit: false,
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
  };
  return { ...parsed, options: { ...parsed.options, ...emitted, stripInternal: true } };
}

function onUnRecoverableConfigFileDiagnostic(diagnostic) {
  throw new Error(ts.formatDiagnostic(diagnostic, host));
}

const folders = published().map(({ folder }) => join(root, folder, 'src/'));
const folderOf = (file) => folders.find((folder) => file.startsWith(folder));

/** libs/x/src/a/b.d.ts is written to libs/x/dist/a/b.d.ts. */
const declarationOf = (file) => {
  const folder = folderOf(file);
  return join(folder, '../dist', relative(folder, file));
};

async function write(file, text) {
  const to = declarationOf(file);
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, text);
}

/** By time and size: reading two thousand files takes as long as writing their types. */
async function digestOf(files) {
  const hash = createHash('sha256').update(ts.version);
  for (const file of [...files, import.meta.filename]) {
    const { mtimeMs, size } = await stat(file);
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
}

const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};

if (process.argv[1] === import.meta.filename) await writeTypes();
