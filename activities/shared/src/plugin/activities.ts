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
  const taken = Object.keys(own).filter(
    (name) => there[name] !== undefined && there[name] !== valueOf(own, name),
  );
  if (taken.length) throw notAlone(plugin, taken, 'this worker has an activity of this name already');
  return { ...present, ...own };
}

/**
 * For after all plugins: one of them may have put an activity in the place of the plugin's.
 * @throws TemperError SPEC_INVALID where it has.
 */
export function checkActivities(plugin: string, present: object | undefined, own: object): void {
  const lost = Object.keys(own).filter((name) => valueOf(present ?? {}, name) !== valueOf(own, name));
  if (lost.length) {
    throw notAlone(plugin, lost, 'a plugin after this one has put an activity of its own in the place of it');
  }
}

const valueOf = (activities: object, name: string) => (activities as Record<string, unknown>)[name];

const notAlone = (plugin: string, names: readonly string[], message: string) =>
  new TemperError(
    'SPEC_INVALID',
    names.map((name) => ({
      path: `${plugin}: activity ${name}`,
      message,
      hint: 'a stage is brought by one plugin alone, its own or the preset; rename an activity of yours, or give it a worker of its own',
    })),
  );
