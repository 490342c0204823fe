import type { AppliedChange, CheckpointMeta } from '@temper/contracts';
import { numbersOf } from '../loop/observe.js';
import { evaluationHere, type TrainingState } from '../loop/state.js';

/** The best checkpoint of a run may be the very one that says so; a manifest cannot hold its own digest. */
export const THIS_CHECKPOINT = 'this';

export type CheckpointSettings = Pick<
  CheckpointMeta,
  'seed' | 'threads' | 'provider' | 'engine' | 'graphs' | 'inputs' | 'metricForBestModel'
>;

export function metaOf(state: TrainingState, settings: CheckpointSettings): CheckpointMeta {
  const evaluation = evaluationHere(state);
  const loss = state.losses.at(-1);
  return {
    step: state.step,
    cursor: state.cursor,
    ...settings,
    tokens: state.tokens,
    withoutImprovement: state.withoutImprovement,
    ...(loss === undefined ? {} : { loss }),
    ...(evaluation ? { evaluation: numbersOf(evaluation) } : {}),
    ...(state.best ? { best: state.best } : {}),
    ...(Object.keys(state.schedule).length ? { schedule: state.schedule } : {}),
    ...(state.changes.length ? { changes: state.changes.map(settingsOf) } : {}),
  };
}

/** Who asked for a change, and when, makes no other training of it. */
const settingsOf = ({ id: _id, by: _by, at: _at, note: _note, ...settings }: AppliedChange) => settings;
