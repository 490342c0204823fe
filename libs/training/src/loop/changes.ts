import {
  changedTraining,
  type AppliedChange,
  type CheckpointMeta,
  type TrainingChange,
} from '@temper/contracts';
import { type TrainingSpec } from '@temper/spec';
import type { TrainJob } from '../job.js';
import type { StepPlan } from './plan.js';
import type { TrainingState } from './state.js';

/**
 * Puts what was asked for since the state's checkpoint in force, from its step on. Another attempt from the same
 * checkpoint does the same, so a death before the next checkpoint changes nothing. Returns whether there was anything.
 */
export function applyChanges(state: TrainingState, asked: TrainJob['changes'] = []): boolean {
  const known = new Set(state.changes.map(({ id }) => id));
  const added = asked.filter(({ id, step = state.step }) => !known.has(id) && step <= state.step);
  state.changes = [
    ...state.changes,
    ...added.map((change): AppliedChange => ({ ...change, step: state.step })),
  ];
  return added.length > 0;
}

/**
 * What a checkpoint says is in force, with who asked for it and when: the requests of the run come in the same order, and what an
 * attempt before this one applied is in the run's list too. Checkpoints of 0.1.0 say it themselves.
 */
export const namedChanges = (
  kept: CheckpointMeta['changes'] = [],
  ...known: readonly (readonly TrainingChange[] | undefined)[]
): AppliedChange[] =>
  kept.map((settings, i) => {
    const asked = known.map((changes) => changes?.[i]).find((change) => change !== undefined);
    return { ...NOBODY, ...asked, ...settings };
  });

const NOBODY = { id: '', by: 'unknown', at: '' };

/** The spec's settings, with all that is in force. The plan stays: only its end may come earlier. */
export const settingsOf = (training: TrainingSpec, { changes }: TrainingState): TrainingSpec =>
  changedTraining(training, changes);

/** The step after which training ends: of the plan, or at which somebody stopped it. */
export const lastStepOf = ({ totalSteps }: StepPlan, { changes }: TrainingState): number =>
  Math.min(totalSteps, changes.find(({ stop }) => stop)?.step ?? totalSteps);
