import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const NAME = '.temper';

/**
 * State of the embedded services, logs and caches: `TEMPER_HOME` (or `--home`), else the nearest `.temper` of this user in the
 * folder one stands in and those above it, else a new one here.
 */
export function homeFolder(): string {
  const given = process.env.TEMPER_HOME;
  if (given) return namedFolder(resolve(given));
  const here = process.cwd();
  for (let folder = here; ; folder = dirname(folder)) {
    if (isOwnFolder(join(folder, NAME))) return join(folder, NAME);
    if (folder === dirname(folder)) return join(here, NAME);
  }
}

/** Who names the folder that they work in means its `.temper`. */
function namedFolder(folder: string): string {
  const within = join(folder, NAME);
  return !existsSync(join(folder, 'credentials.json')) && isOwnFolder(within) ? within : folder;
}

/** Another user's, such as one in /tmp, is passed over: it says where to connect to, and with which keys. */
function isOwnFolder(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isDirectory() && (!process.getuid || found.uid === process.getuid());
  } catch {
    return false; // not there, or nowhere to look
  }
}

/** Where `homeFolder` looked, and how another place is named, for people who expected something there. */
export function whereLooked(): string {
  const given = process.env.TEMPER_HOME;
  const looked = given
    ? `in ${homeFolder()} (TEMPER_HOME)`
    : homeFolder() === join(process.cwd(), NAME)
      ? `for ${NAME} in ${process.cwd()} and the folders above it`
      : `in ${homeFolder()}`;
  return `looked ${looked}; --home FOLDER or TEMPER_HOME names another`;
}

export const logFolder = (): string => join(homeFolder(), 'logs');
