import {
  compileUpdate,
  optimizerOf,
  type CompiledUpdate,
  type TrainedParameter,
  type UpdateRule,
} from '@temper/optimizers';
import type { OptimizerSettings } from './optimizer.js';
import type { RuleGroup } from './state.js';

/** Parameters by the rule that updates them. */
export function groupsOf(
  parameters: readonly TrainedParameter[],
  { optimizer, settings }: Pick<OptimizerSettings, 'optimizer' | 'settings'>,
): RuleGroup[] {
  const groups = new Map<UpdateRule<unknown>, RuleGroup & { parameters: TrainedParameter[] }>();
  for (const parameter of parameters) {
    const rule = optimizerOf(optimizer).rule(parameter, settings) as UpdateRule<unknown>;
    const group = groups.get(rule) ?? { rule, parameters: [] };
    group.parameters.push(parameter);
    groups.set(rule, group);
  }
  return [...groups.values()];
}

/** Elementwise graphs fit every shape, the others every shape of a rank. */
export const updateKey = ({ name, granularity }: UpdateRule<unknown>, shape: readonly number[]): string =>
  granularity === 'element' ? name : `${name}-${shape.length}d`;

/** The graphs that update the groups' parameters, each once, by `updateKey`. */
export function updateGraphs(
  groups: readonly RuleGroup[],
  { settings }: Pick<OptimizerSettings, 'settings'>,
): Map<string, CompiledUpdate & { readonly rule: UpdateRule<unknown> }> {
  const graphs = new Map<string, CompiledUpdate & { readonly rule: UpdateRule<unknown> }>();
  for (const { rule, parameters } of groups) {
    for (const { shape } of parameters) {
      const key = updateKey(rule, shape);
      if (!graphs.has(key)) graphs.set(key, { ...compileUpdate(rule, settings, shape.length), rule });
    }
  }
  return graphs;
}
