import { outOfBounds, type Metrics, type Verdict } from '@temper/contracts';
import type { PipelineSpec } from './pipeline-spec.js';
import type { GateProblem } from './stages.js';

type Gate = PipelineSpec['evaluation']['gate'];

/** Test metrics outside their bounds. A metric that was not computed, or is NaN, does not pass. */
export const gateProblems = (gate: Gate, test: Metrics): GateProblem[] =>
  gate === 'none' ? [] : outOfBounds(gate, test);

/** Verdicts that stand against the publication, whatever the bounds of the gate say. */
export const refusals = (verdicts: readonly Verdict[]): GateProblem[] =>
  verdicts
    .filter(({ refuses }) => refuses)
    .map((verdict) => ({ metric: verdict.name, value: NaN, rule: 'evaluation.gate: none', verdict }));
