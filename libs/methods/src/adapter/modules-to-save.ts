import { parametersOf, type Module } from '@temper/models';
import { adapterName } from '../peft-names.js';
import { endsAs, refuseSharedTable } from '../targets.js';
import type { AdapterConfig } from './config-fields.js';

/** The heads that PEFT always saves whole for classification, whether the model has a module of that name or not. */
export const standardHeads = ['classifier', 'score'];

/** The modules that an adapter has whole beside the usual heads. */
export function modulesToSaveOf({ modules_to_save: names }: AdapterConfig): string[] {
  const all = Array.isArray(names) ? (names as unknown[]) : [];
  return all.filter((name): name is string => typeof name === 'string' && !standardHeads.includes(name));
}

/** The weights of modules that are trained whole, by their names in an adapter. @throws TemperError SPEC_INVALID for a shared table */
export function wholeShapes(
  modules: readonly Module[],
  names: readonly string[] | undefined,
): (readonly [string, readonly number[]])[] {
  if (!names) return [];
  refuseSharedTable(modules, names);
  return parametersOf(modules.filter(({ name }) => names.some((end) => endsAs(name, end)))).map(
    ({ name, shape }) => [adapterName(name), shape] as const,
  );
}
