import type { Metrics, Verdict } from '@temper/contracts';
import type { PipelineSpec } from './pipeline-spec.js';
import type { GateProblem } from './stages.js';

type Gate = PipelineSpec['evaluation']['gate'];

/** Test metrics outside their bounds. A metric that was not computed, or is NaN, does not pass. */
export function gateProblems(gate: Gate, test: Metrics): GateProblem[] {
  if (gate === 'none') return [];
  return Object.entries(gate).flatMap(([metric, { min = -Infinity, max = Infinity }]) => {
    const value = test[metric];
    if (typeof value === 'number' && value >= min && value <= max) return [];
    const bounds = [
      ...(min > -Infinity ? [`at least ${min}`] : []),
      ...(max < Infinity ? [`at most ${max}`] : []),
    ];
    const known = Object.keys(test).filter((name) => typeof test[name] === 'number');
    const rule = typeof value === 'number' ? bounds.join(' and ') : `one of the metrics ${known.join(', ')}`;
    return [{ metric, value: typeof value === 'number' ? value : NaN, rule }];
  });
}

/** Verdicts that stand against the publication, whatever the bounds of the gate say. */
export const refusals = (verdicts: readonly Verdict[]): GateProblem[] =>
  verdicts
    .filter(({ refuses }) => refuses)
    .map((verdict) => ({ metric: verdict.name, value: NaN, rule: 'evaluation.gate: none', verdict }));
