import type { AppliedChange, CheckpointMeta, DataCursor, EvaluationMetrics } from '@temper/contracts';
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
  /** Losses of the last logged steps, the newest last. The log itself is the run's. */
  losses: readonly number[];
  /** The newest evaluation; its step says when it was made. */
  evaluation: EvaluationMetrics | undefined;
}

export const initialState = (): TrainingState => ({
  step: 0,
  cursor: { epoch: 0, batch: 0 },
  tokens: 0,
  best: undefined,
  withoutImprovement: 0,
  schedule: {},
  changes: [],
  losses: [],
  evaluation: undefined,
});

/** As many as are shown where a training diverges. */
const LOSSES = 5;

export const withLoss = (losses: readonly number[], loss: number): readonly number[] =>
  [...losses, loss].slice(-LOSSES);

/** The evaluation made after the state's step, if there was one. */
export const evaluationHere = ({ step, evaluation }: TrainingState): EvaluationMetrics | undefined =>
  evaluation?.step === step ? evaluation : undefined;
