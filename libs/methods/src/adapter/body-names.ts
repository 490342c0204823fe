import type { Adaptable } from '@temper/models';
import { adapterName, modelName } from '../peft-names.js';
import type { Adapter } from './read-adapter.js';

type Names = Pick<Adaptable, 'modules' | 'body' | 'isBody'>;

/** Fields of adapter_config.json in which modules are named, and those whose keys are names. */
const namesModules = ['target_modules', 'feedforward_modules', 'modules_to_save'];
const keyedByModules = ['rank_pattern', 'alpha_pattern'];

/**
 * An adapter of transformers' bare body (AutoModel: BertModel, LlamaModel), whose names lack what the body is called in a model with a
 * head, under the names of the latter.
 */
export function withBodyNames(adapter: Adapter, { modules, body }: Names): Adapter {
  const known = new Set(modules.map(({ name }) => name));
  const isBare = (name: string) =>
    [1, 2].some((ends) => known.has(`${body}${name.split('.').slice(0, -ends).join('.')}`));
  const weights = [...adapter.weights].map(([name, tensor]) => {
    const own = name.startsWith(adapterName('')) ? modelName(name) : undefined;
    return [own !== undefined && isBare(own) ? adapterName(body + own) : name, tensor] as const;
  });
  return { ...adapter, weights: new Map(weights) };
}

/** The name in an adapter's file: where the task's model is the bare body, without what the body is called. */
export const nameInFile =
  ({ body, isBody }: Names) =>
  (name: string): string =>
    isBody && name.startsWith(adapterName(body)) ? adapterName(modelName(name).slice(body.length)) : name;

/** The same of the names of modules in a configuration; a regular expression is the user's own. */
export function configInFile(config: Record<string, unknown>, { body, isBody }: Names) {
  if (!isBody) return config;
  const bare = (name: string) => (name.startsWith(body) ? name.slice(body.length) : name);
  const fields = Object.entries(config).map(([field, value]) => {
    if (namesModules.includes(field) && Array.isArray(value)) return [field, (value as string[]).map(bare)];
    if (keyedByModules.includes(field))
      return [
        field,
        Object.fromEntries(Object.entries(value as object).map(([key, v]) => [bare(key), v as unknown])),
      ];
    return [field, value];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}
