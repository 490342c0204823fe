import { tasks, type Task } from '@temper/contracts';
import type { Family } from './architectures/family.js';
import { families } from './architectures/registry.js';
import { locateModel } from './locate.js';
import { readConfig } from './model.js';

/**
 * The tasks that a base model can learn, by its family; undefined where that cannot be known, as the family is none of ours
 * or the files are not right, which their check tells.
 */
export async function possibleTasks(path: string): Promise<readonly Task[] | undefined> {
  try {
    const place = await locateModel(path);
    // GGUF files that are read are of the family llama.
    const type = place.format === 'gguf' ? 'llama' : (await readConfig(place.folder)).model_type;
    const classes = Object.values(families)
      .map((family) => family.classes as Family['classes'])
      .find((known) => Object.hasOwn(known, String(type)))?.[String(type)];
    return classes && tasks.filter((task) => task in classes);
  } catch {
    return undefined;
  }
}
