import { TemperError } from '@temper/contracts';

/** Whether a plugin has been here before. */
export const hasAll = (present: object | undefined, own: object): boolean =>
  Object.entries(own).every(([name, activity]) => (present as Record<string, unknown>)?.[name] === activity);

/**
 * The worker's activities and the plugin's. The SDK would let the last of one name win without a word.
 * @throws TemperError SPEC_INVALID where a name is taken.
 */
export function withActivities(plugin: string, present: object | undefined, own: object): object {
  const there = (present ?? {}) as Record<string, unknown>;
  const taken = Object.entries(own)
    .filter(([name, activity]) => there[name] !== undefined && there[name] !== activity)
    .map(([name]) => name);
  if (!taken.length) return { ...present, ...own };
  throw new TemperError(
    'SPEC_INVALID',
    taken.map((name) => ({
      path: `${plugin}: activity ${name}`,
      message: 'this worker has an activity of this name already',
      hint: 'a stage is brought by one plugin alone, its own or the preset; rename an activity of yours, or give it a worker of its own',
    })),
  );
}
