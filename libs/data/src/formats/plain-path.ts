import type { DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { literal } from './sql.js';

/** Folders with links, by the connection that reads through them. */
const folders = new WeakMap<DuckDBConnection, Promise<string>>();
let links = 0;

/**
 * A path that DuckDB takes for this very file: it reads `*`, `?` and `[` in a path as a pattern and `\` as an escape, also in
 * the names of folders, so that `set[1].csv` would be `set1.csv`. Such a file is read through a link with a plain name.
 */
export async function plainPath(connection: DuckDBConnection, file: string): Promise<string> {
  if (!/[*?[\]\\{}~]/.test(file)) return file;
  if (!folders.has(connection)) folders.set(connection, mkdtemp(join(tmpdir(), 'temper-links-')));
  const extensions = /(\.[a-z0-9]+){0,2}$/i.exec(basename(file))![0];
  const link = join(await folders.get(connection)!, `${++links}${extensions}`);
  await symlink(resolve(file), link);
  return link;
}

export async function removeLinks(connection: DuckDBConnection): Promise<void> {
  const folder = await folders.get(connection);
  if (folder) await rm(folder, { recursive: true, force: true });
}

/** The file for a reader of DuckDB. A folder called `label=x` is no column of the rows in it. */
export const oneFile = (path: string) => `${literal(path)}, hive_partitioning=false`;
