import type { Module } from '@temper/models';

const prefix = 'base_model.model.';

/** PEFT wraps the model twice, and its names say so. */
export const adapterName = (name: string): string => prefix + name;

/** The other way round. */
export const modelName = (name: string): string => name.slice(prefix.length);

const wrapper = 'base_model.';

/** The name in the file of a method whose model PEFT wraps once. */
export const onceWrapped = (name: string): string =>
  name.startsWith(prefix) ? wrapper + modelName(name) : name;

/** The other way round. */
export const twiceWrapped = (name: string): string =>
  name.startsWith(wrapper) ? prefix + name.slice(wrapper.length) : name;

/** The last part of a module's name. */
export const lastPart = (module: string): string => module.slice(module.lastIndexOf('.') + 1);

/** Modules of which an adapter has a weight with one of these endings, in the order of the weights. */
export function modulesWith(names: Iterable<string>, ...endings: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const ending = endings.find((end) => name.endsWith(`.${end}`));
    if (ending !== undefined && name.startsWith(prefix))
      found.add(name.slice(prefix.length, -ending.length - 1));
  }
  return [...found];
}

/** By the name of a weight: the name of its module. */
export const moduleOfWeight = (modules: readonly Module[]): ReadonlyMap<string, string> =>
  new Map(
    modules.flatMap(({ type, name }) =>
      type === 'parameter'
        ? [[name, name] as const]
        : (['weight', 'bias'] as const).map((part) => [`${name}.${part}`, name] as const),
    ),
  );
