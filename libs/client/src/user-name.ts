import { userInfo } from 'node:os';

/** Of the user of this process; undefined where the machine has none for its number, as in many containers. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
