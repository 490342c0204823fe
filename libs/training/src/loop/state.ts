import {
  isStep,
  type AppliedChange,
  type CheckpointMeta,
  type DataCursor,
  type EvaluationMetrics,
  type MetricLine,
} from '@temper/contracts';
import type { ScheduleState } from '@temper/optimizers';

/** Everything that changes from step to step besides the flat arrays of the ParameterStore. */
export interface TrainingState {
  step: number;
  cursor: DataCursor;
  /** Real tokens seen. */
  tokens: number;
  best: CheckpointMeta['best'];
  /** Evaluations in a row without improvement. */
  withoutImprovement: number;
  /** What evaluations made of the learning rate; empty where it follows from the step alone. */
  schedule: ScheduleState;
  /** Those in force, in the order in which they were applied. */
  changes: readonly AppliedChange[];
  /** All metric lines so far, in order. */
  readonly lines: MetricLine[];
}

export const initialState = (): TrainingState => ({
  step: 0,
  cursor: { epoch: 0, batch: 0 },
  tokens: 0,
  best: undefined,
  withoutImprovement: 0,
  schedule: {},
  changes: [],
  lines: [],
});

/** The evaluation made after a step, if there was one. Lines are in the order of steps, so the search is short at the end. */
export function evaluationAt(state: TrainingState, step: number): EvaluationMetrics | undefined {
  for (let i = state.lines.length - 1; i >= 0 && state.lines[i]!.step >= step; i--) {
    const line = state.lines[i]!;
    if (!isStep(line) && line.step === step) return line;
  }
  return undefined;
}
