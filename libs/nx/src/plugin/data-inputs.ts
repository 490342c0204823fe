import { statSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

/** Globs of files inside the workspace, and whether these are all that a pipeline reads. */
export interface DataInputs {
  readonly filesets: readonly string[];
  /** Some data is not seen by Nx: ignored by git, outside the workspace, behind a pattern of another syntax. */
  readonly unseen: boolean;
}

/** What Nx's globs read as characters alone. */
export const isLiteral = (path: string): boolean => /^[\w\-./ @~,=+%#:]*$/.test(path);
/** Where both syntaxes say the same. */
const COMMON = /^[\w\-./ @~,=+%#:*?]*$/;

/** `isSeen`: whether Nx hashes this file of the workspace. Data sets and models are often too large for git. */
export function dataInputs(
  sources: readonly string[],
  { root, projectRoot, isSeen }: { root: string; projectRoot: string; isSeen: (path: string) => boolean },
): DataInputs {
  const filesets: string[] = [];
  let unseen = false;
  for (const source of sources) {
    const path = relative(root, source).split(sep).join('/');
    if (path === '' || path.startsWith('..') || isAbsolute(path)) {
      unseen = true;
      continue;
    }
    const isFile = isLiteral(path) && kindOf(source) === 'file';
    unseen ||= !(isFile && isSeen(path));
    filesets.push(...filesetsOf(path, isFile).map((glob) => rooted(glob, projectRoot)));
  }
  return { filesets: [...new Set(filesets)], unseen };
}

function filesetsOf(path: string, isFile: boolean): string[] {
  if (isFile) return [path];
  // A file that is not there yet, or a folder.
  if (isLiteral(path)) return [path, `${path}/**/*`];
  if (COMMON.test(path)) return [path];
  const folder = path.split('/').slice(
    0,
    path.split('/').findIndex((part) => !isLiteral(part)),
  );
  return [[...folder, '**', '*'].join('/')];
}

const kindOf = (path: string) => (statSync(path, { throwIfNoEntry: false })?.isFile() ? 'file' : 'other');

const rooted = (path: string, projectRoot: string) =>
  projectRoot !== '.' && path.startsWith(`${projectRoot}/`)
    ? `{projectRoot}/${path.slice(projectRoot.length + 1)}`
    : `{workspaceRoot}/${path}`;
