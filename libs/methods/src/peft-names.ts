import type { Graph } from '@temper/graph';
import { isWeight } from './weights.js';

const prefix = 'base_model.model.';

/** PEFT wraps the model twice, and its names say so. */
export const adapterName = (name: string): string => prefix + name;

/** The other way round. */
export const modelName = (name: string): string => name.slice(prefix.length);

export const loraNames = (module: string) => ({
  a: `${prefix}${module}.lora_A.weight`,
  b: `${prefix}${module}.lora_B.weight`,
});

/** What PEFT trains besides the adapter for sequence classification (`modules_to_save`). */
const taskHeads = ['classifier', 'score'];

/** By the name of a weight in an adapter. */
export const isTaskHead = (name: string): boolean =>
  taskHeads.some((head) => name.startsWith(adapterName(`${head}.`)));

/**
 * Modules that are trained and saved whole: the task head, and what was made from a seed because the files lack it
 * (a base model alone could not bring it back).
 */
export function headModules(forward: Graph): string[] {
  const modules = [...forward.initializers.values()]
    .filter((initializer) => isWeight(initializer))
    .filter(
      ({ value, data }) =>
        data.kind === 'inline' || taskHeads.some((head) => value.name.startsWith(`${head}.`)),
    )
    .map(({ value }) => value.name.replace(/\.(weight|bias)$/, ''));
  return [...new Set(modules)];
}
