import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { nearest, type Problem } from '@temper/contracts';
import { isRemote, type NamedSource } from './paths.js';

const isGlob = (path: string) => /[*?[\]{}]/.test(path);

/**
 * A problem for each local path that is not there; globs are matched by the data check. Where the workers are other
 * machines, a path that was written whole may be theirs.
 */
export async function missingFiles(
  sources: readonly NamedSource[],
  { elsewhere = false }: { readonly elsewhere?: boolean } = {},
): Promise<Problem[]> {
  const found = await Promise.all(
    sources.map(async ({ path, uri, relative }): Promise<Problem[]> => {
      if (isRemote(uri) || isGlob(uri) || (await exists(uri))) return [];
      if (elsewhere && !relative) return [];
      const beside = await readdir(dirname(uri)).catch(() => undefined);
      const close = beside && nearest(basename(uri), beside);
      const hub = path === 'model.base' && !close ? 'a model of the Hugging Face Hub is hf:ORG/NAME' : '';
      const hint = close ? `did you mean ${close}?` : beside ? '' : `there is no folder ${dirname(uri)}`;
      const hints = [hint, hub].filter(Boolean).join('; ');
      return [{ path, message: 'no such file or folder', found: uri, ...(hints ? { hint: hints } : {}) }];
    }),
  );
  return found.flat();
}

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );
