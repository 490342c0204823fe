import { userInfo } from 'node:os';
import { TemperError } from '@temper/contracts';

/** Of the user of this process; undefined where the machine has none for its number, as in many containers. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** Who does something, by name where there is one. */
export const userInWords = (): string => userName() ?? `user ${process.getuid?.() ?? 'without a name'}`;

/** Who asks for something, where nobody says who. @throws TemperError CONTROL_REFUSED where the user has no name */
export function namedUser(): string {
  const name = userName();
  if (name !== undefined) return name;
  throw new TemperError('CONTROL_REFUSED', {
    path: 'by',
    message: 'the user of this process has no name: say who asks for it',
  });
}
