import { TemperError } from '@temper/contracts';

/**
 * A number of seconds, 1 to `most`, of the environment; undefined where nobody says one.
 * @throws TemperError SPEC_INVALID where it is none.
 */
export function secondsIn(env: NodeJS.ProcessEnv, name: string, most: number): number | undefined {
  const found = env[name];
  if (!found) return undefined;
  const seconds = Number(found);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= most) return seconds;
  throw new TemperError('SPEC_INVALID', {
    path: name,
    message: 'not a number of seconds',
    found,
    allowed: `an integer of 1 to ${most}`,
  });
}
