import { constants, lstatSync } from 'node:fs';
import { access, chmod, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TemperError } from '@temper/contracts';

const NAME = '.temper';

/** What Temper puts there, drafts of its files included, and what file systems do. */
const ours =
  /^(temporal\.db.*|s3|[\w-]+\.(pem|sock)|(credentials|services|processes|up)\.json.*|lock(\..*)?|logs|cache|work|\.gitignore|lost\+found)$/;

/**
 * Makes the folder of the state, for its owner only. One that holds other things is refused: it would be closed to others,
 * hidden from git, and filled with servers' files.
 * @throws TemperError SPEC_INVALID where the folder cannot be used; DISK_FULL.
 */
export async function stateFolder(path: string): Promise<void> {
  try {
    await refuseForeign(path);
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await access(path, constants.W_OK);
  } catch (error) {
    if (error instanceof TemperError) throw error;
    throw unusable(path, wordsOf(path, error as NodeJS.ErrnoException), { cause: error });
  }
}

async function refuseForeign(path: string): Promise<void> {
  if (basename(path) === NAME) return;
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw error;
  });
  const foreign = names.find((name) => !ours.test(name));
  if (foreign === undefined || names.includes('credentials.json')) return;
  throw unusable(path, `a folder of other things (${foreign})`, {}, `--home ${join(path, NAME)}`);
}

const unusable = (path: string, found: string, options: { cause?: unknown }, hint = NAME_ANOTHER) =>
  new TemperError(
    'SPEC_INVALID',
    { path, message: 'cannot be where Temper keeps its state', found, hint },
    options,
  );

const NAME_ANOTHER = '--home FOLDER or TEMPER_HOME names another folder';

/** Node says ENOENT where the path is a link to nothing, or where nothing can be made beside it. */
function wordsOf(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a file, or below one';
  if (code === 'EPERM' || code === 'EACCES') return `another user's, or closed to this one (${code})`;
  if (code !== 'ENOENT') return message;
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
    ? 'a link to nothing'
    : 'a place where nothing can be made';
}
