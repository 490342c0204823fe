import type { EvaluateOutput, Metrics, PipelineSpec } from '@temper/contracts';

type Gate = PipelineSpec['evaluation']['gate'];

/** Test metrics outside their bounds. A metric that was not computed, or is NaN, does not pass. */
export function gateProblems(gate: Gate, test: Metrics): EvaluateOutput['gate'] {
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
