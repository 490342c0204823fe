import { nearest, TemperError } from '@temper/contracts';
import type { LinearModule, Module } from '@temper/models';

/** The modules that an adapter can change: those that multiply by a matrix of their own. */
export const linearModules = (modules: readonly Module[]): LinearModule[] =>
  modules.filter((module) => module.type === 'linear' && module.tied === undefined) as LinearModule[];

/** PEFT's rule: the whole name of a module, or its last parts. */
const matches = (module: string, target: string) => module === target || module.endsWith(`.${target}`);

/**
 * Which of the linear modules an adapter changes: those that a target names.
 * Throws SPEC_INVALID for every target that no module has, with the names that there are.
 */
export function adaptedModules(linears: readonly string[], targets: readonly string[]): string[] {
  const has = (target: string) => linears.some((module) => matches(module, target));
  const endings = [...new Set(linears.map((module) => module.slice(module.lastIndexOf('.') + 1)))];
  const unmatched = targets.filter((target) => !has(target));
  if (unmatched.length) {
    throw new TemperError(
      'SPEC_INVALID',
      unmatched.map((target) => {
        const close = nearest(target, endings);
        return {
          path: 'method.targetModules',
          message: 'no linear module of the base model has this name',
          found: target,
          allowed: `${endings.join(', ')} (or longer endings such as ${linears[0] ?? 'none'})`,
          ...(close ? { hint: `did you mean ${close}?` } : {}),
        };
      }),
    );
  }
  return linears.filter((module) => targets.some((target) => matches(module, target)));
}
