import { nearest, TemperError } from '@temper/contracts';

/** The attention's query and value projections, by the names that families give them. */
const defaultTargets = [
  ['q_proj', 'v_proj'],
  ['query', 'value'],
];

/** PEFT's rule: the whole name of a module, or its last parts. */
const matches = (module: string, target: string) => module === target || module.endsWith(`.${target}`);

/**
 * Which of the linear modules an adapter changes: those that a target names, by default the attention's queries and values.
 * Throws SPEC_INVALID for every target that no module has, with the names that there are.
 */
export function adaptedModules(linears: readonly string[], asked: readonly string[] | undefined): string[] {
  const has = (target: string) => linears.some((module) => matches(module, target));
  const targets = asked ?? defaultTargets.find((set) => set.every(has));
  const endings = [...new Set(linears.map((module) => module.slice(module.lastIndexOf('.') + 1)))];
  const unmatched = targets ? targets.filter((target) => !has(target)) : ['nothing'];
  if (!targets || unmatched.length) {
    throw new TemperError(
      'SPEC_INVALID',
      unmatched.map((target) => {
        const close = nearest(target, endings);
        return {
          path: 'method.targetModules',
          message: targets
            ? 'no linear module of the base model has this name'
            : 'must be given for this model',
          found: target,
          allowed: `${endings.join(', ')} (or longer endings such as ${linears[0] ?? 'none'})`,
          ...(close ? { hint: `did you mean ${close}?` } : {}),
        };
      }),
    );
  }
  return linears.filter((module) => targets.some((target) => matches(module, target)));
}
