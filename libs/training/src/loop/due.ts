import type { TokenizedSplit } from '@temper/contracts';
import type { TrainingSpec } from '@temper/spec';
import { endsEpoch } from './plan.js';
import { evaluationHere, type TrainingState } from './state.js';

export const hasExamples = (split: TokenizedSplit | undefined): split is TokenizedSplit =>
  !!split && split.offsets.length > 1;

/** After each epoch or every evalSteps, and at the very end; not twice, which a resumed run could. */
export function evaluationIsDue(
  state: TrainingState,
  lastStep: number,
  training: TrainingSpec,
  validation: TokenizedSplit | undefined,
): boolean {
  if (training.evalStrategy === 'no' || !hasExamples(validation)) return false;
  if (state.step === 0 || evaluationHere(state)) return false;
  if (state.step >= lastStep) return true;
  return training.evalStrategy === 'epoch' ? endsEpoch(state.cursor) : state.step % training.evalSteps === 0;
}

/** Every saveSteps, where training stops, and where the best model must be kept. */
export function checkpointIsDue(state: TrainingState, training: TrainingSpec, stops: boolean): boolean {
  if (stops) return true;
  if (state.step === 0) return false;
  const isBest = training.loadBestModelAtEnd && state.best?.step === state.step;
  return isBest || state.step % training.saveSteps === 0;
}

export const stopsEarly = (state: TrainingState, { earlyStoppingPatience }: TrainingSpec): boolean =>
  earlyStoppingPatience !== undefined && state.withoutImprovement >= earlyStoppingPatience;
