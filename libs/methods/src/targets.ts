import { nearest, TemperError } from '@temper/contracts';
import { isTrainedWhole, type EmbeddingModule, type LinearModule, type Module } from '@temper/models';
import { userPattern, type Pattern } from './pattern.js';
import { lastPart } from './peft-names.js';

export type Target = LinearModule | EmbeddingModule;

/** Modules that multiply by a matrix of their own. */
export const isLinear = (module: Module): module is LinearModule =>
  module.type === 'linear' && module.tied === undefined;

/** Those, and tables of rows. */
export const isTarget = (module: Module): module is Target => isLinear(module) || module.type === 'embedding';

/** PEFT's `all-linear`: every linear module but what gives the tokens' logits, and what is trained whole with the classes. */
const inAllLinear = (module: Module) => isLinear(module) && !module.givesTokens && !isTrainedWhole(module);

/** PEFT's rule of lists: the whole name of a module, or its last parts. */
export const endsAs = (module: string, end: string): boolean => module === end || module.endsWith(`.${end}`);

export interface TargetFields {
  readonly targetModules: string | readonly string[];
  readonly excludeModules?: string | readonly string[] | undefined;
  readonly layersToTransform?: readonly number[] | undefined;
}

/**
 * Which modules an adapter changes, by PEFT's rules (check_target_module_exists): a list of ends of names, within the layers that are
 * given; one regular expression of the whole name; or `all-linear`.
 * @throws TemperError SPEC_INVALID for every target that no module has, with the names that there are
 */
export function targeted<M extends Module>(modules: readonly M[], fields: TargetFields): M[] {
  const { targetModules: targets, excludeModules: excluded, layersToTransform: layers } = fields;
  const isExcluded = excluded === undefined ? () => false : matcher(excluded, 'method.excludeModules');
  const left = modules.filter(({ name }) => !isExcluded(name));
  if (typeof targets === 'string') return byPattern(left, targets);
  refuseUnmatched(modules, targets);
  const isTargeted = matcher(targets, 'method.targetModules');
  return left.filter(
    ({ name, layer }) => isTargeted(name) && (!layers || (layer !== undefined && layers.includes(layer))),
  );
}

function byPattern<M extends Module>(modules: readonly M[], pattern: string): M[] {
  const isTargeted =
    pattern.toLowerCase() === 'all-linear' ? inAllLinear : ofName(matcher(pattern, 'method.targetModules'));
  const found = modules.filter(isTargeted);
  if (!found.length) {
    throw new TemperError('SPEC_INVALID', {
      path: 'method.targetModules',
      message: 'the regular expression is the whole name of no module of the base model',
      found: pattern,
      allowed: `${modules.some(isLinear) ? 'all-linear, ' : ''}a list of names, or an expression for names such as ${(modules.find(isLinear) ?? modules[0])?.name ?? 'none'}`,
      hint: pattern.includes(',')
        ? `a list: [${pattern.split(/\s*,\s*/).join(', ')}]`
        : '.*\\.(q_proj|v_proj) is every name that ends so',
    });
  }
  return found;
}

const ofName =
  (matches: (name: string) => boolean) =>
  ({ name }: Module) =>
    matches(name);

/** One regular expression of the whole name, or ends of names. */
function matcher(pattern: string | readonly string[], path: string): (name: string) => boolean {
  if (typeof pattern !== 'string') return (name) => pattern.some((end) => endsAs(name, end));
  const expression = userPattern(`^(?:${pattern})$`, pattern, path);
  return (name) => expression.test(name);
}

function refuseUnmatched(
  modules: readonly Module[],
  targets: readonly string[],
  path = 'method.targetModules',
) {
  const unmatched = targets.filter((target) => !modules.some(({ name }) => endsAs(name, target)));
  if (!unmatched.length) return;
  const linears = modules.filter(isLinear);
  const endings = [...new Set([...linears, ...modules].map(({ name }) => lastPart(name)))];
  throw new TemperError(
    'SPEC_INVALID',
    unmatched.map((target) => {
      const close = nearest(target, endings);
      return {
        path,
        message: `no module of the base model that can be ${path === 'method.modulesToSave' ? 'trained whole' : 'changed'} has this name`,
        found: target,
        allowed: `${endings.join(', ')} (or longer endings such as ${(linears[0] ?? modules[0])?.name ?? 'none'})`,
        ...(close ? { hint: `did you mean ${close}?` } : {}),
      };
    }),
  );
}

/** Keys of one mapping are compiled once; the time that each may take is of all modules together. */
const compiled = new WeakMap<object, ReadonlyMap<string, Pattern>>();

function patternsOf(keyed: Readonly<Record<string, unknown>>, field: string): ReadonlyMap<string, Pattern> {
  const known = compiled.get(keyed);
  if (known) return known;
  const made = new Map(
    Object.keys(keyed).map((key) => [key, userPattern(`^(.*\\.)?(${key})$`, key, `method.${field}`)]),
  );
  compiled.set(keyed, made);
  return made;
}

/** The value of the first key that is the end of the module's name (PEFT's get_pattern_key), else the default. */
export function byName<V>(
  keyed: Readonly<Record<string, V>> | undefined,
  module: string,
  field: string,
  otherwise: V,
): V {
  if (!keyed) return otherwise;
  for (const [key, pattern] of patternsOf(keyed, field)) if (pattern.test(module)) return keyed[key]!;
  return otherwise;
}

/** @throws TemperError SPEC_INVALID for names that no module has, and for one of two modules that share a table */
export function checkModulesToSave(modules: readonly Module[], names: readonly string[] | undefined): void {
  if (!names) return;
  const whole = modules.filter(({ type }) => type !== 'parameter');
  refuseUnmatched(whole, names, 'method.modulesToSave');
  refuseSharedTable(modules, names);
}

/** PEFT trains a copy of the one and leaves the other, which is then another model. @throws TemperError SPEC_INVALID */
export function refuseSharedTable(modules: readonly Module[], names: readonly string[]): void {
  const tables = new Set(
    modules.flatMap((module) => (module.type === 'linear' && module.tied ? [module.tied] : [])),
  );
  const shared = modules.filter(
    (module) =>
      names.some((end) => endsAs(module.name, end)) &&
      (tables.has(module.name) || (module.type === 'linear' && module.tied !== undefined)),
  );
  if (!shared.length) return;
  throw new TemperError('SPEC_INVALID', {
    path: 'method.modulesToSave',
    message: 'the base model has one table for its embeddings and its head: neither can be trained alone',
    found: shared.map(({ name }) => name).join(', '),
    hint: 'train the whole model (method.type: full), or leave it out',
  });
}

/** `target_modules` of a configuration: as the spec names them, where it is a list of names that nothing limits. */
export function namesInConfig(
  { targetModules, excludeModules, layersToTransform }: Partial<TargetFields>,
  modules: readonly Module[],
  changed: readonly string[],
): string[] {
  const isList = typeof targetModules === 'object' && !excludeModules && !layersToTransform;
  return isList ? [...targetModules].sort() : shortNames(modules, changed);
}

/** As a configuration names modules: their last parts where these are no others' too, else whole names. */
export function shortNames(all: readonly Module[], chosen: readonly string[]): string[] {
  const ends = [...new Set(chosen.map(lastPart))];
  const set = new Set(chosen);
  const others = all.some(({ name }) => !set.has(name) && ends.some((end) => endsAs(name, end)));
  return [...(others ? chosen : ends)].sort();
}
