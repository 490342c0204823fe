import type { ArtifactRef } from './artifact.js';
import type { Problem } from './errors.js';
import { TemperError } from './errors.js';
import type { PipelineSpec, TrainingSpec } from './pipeline-spec.js';
import { parsePipelineSpec } from './validate.js';

/** Updates of the `fineTune` workflow: each is validated before it becomes part of the history. */
export const controlUpdates = ['pause', 'resume', 'change', 'approve', 'reject'] as const;
export type ControlUpdate = (typeof controlUpdates)[number];

/** Who asked for something, and why; argument of `pause` and `resume`. */
export interface ControlInput {
  readonly by: string;
  readonly note?: string | undefined;
}

/** Argument of `approve` and `reject`. */
export interface DecisionInput {
  readonly by: string;
  readonly comment?: string | undefined;
}

/** What may be changed while a run trains. */
export type ChangedSettings = Partial<Pick<TrainingSpec, 'learningRate' | 'evalStrategy' | 'evalSteps'>> & {
  /** Training ends at this step as if it were the last: with its evaluation and its checkpoint. */
  readonly stop?: true | undefined;
};

/** Argument of `change`. */
export type ChangeInput = ControlInput & ChangedSettings;

/** A request, as the workflow has recorded it; `at` is a time (ISO 8601). */
export type ControlNote = ControlInput & { readonly at: string };
export type TrainingChange = ChangeInput & { readonly id: string; readonly at: string };

/** In force for every step after `step`; part of the checkpoint, so that a resumed training repeats it. */
export type AppliedChange = TrainingChange & { readonly step: number };

export interface Approval extends DecisionInput {
  readonly decision: 'approved' | 'rejected';
  readonly at: string;
}

/** Where a forked run began: a checkpoint of another run. */
export interface ForkOrigin {
  readonly runId: string;
  readonly step: number;
  readonly checkpoint: ArtifactRef<'checkpoint'>;
}

/** What an update answers once it is in force, or what it waits for. */
export interface ControlAnswer {
  readonly runId: string;
  readonly status: string;
  /** For people: when it takes effect. */
  readonly message: string;
}

export const changedFields = ['learningRate', 'evalStrategy', 'evalSteps'] as const;

/** The settings of training with some of them changed. */
export function changedTraining<T extends TrainingSpec>(training: T, changes: readonly ChangedSettings[]): T {
  return changes.reduce<T>((settings, change) => {
    const given = changedFields.filter((field) => change[field] !== undefined);
    return { ...settings, ...Object.fromEntries(given.map((field) => [field, change[field]])) };
  }, training);
}

/** Mistakes of a change: those that the spec would have with these settings from its beginning. */
export function changeProblems(spec: PipelineSpec, change: ChangedSettings): readonly Problem[] {
  if (change.stop !== true && changedFields.every((field) => change[field] === undefined)) {
    const allowed = [...changedFields, 'stop'].join(', ');
    return [{ path: 'change', message: 'nothing is changed', found: 'none of the settings', allowed }];
  }
  try {
    parsePipelineSpec({ ...spec, training: changedTraining(spec.training, [change]) });
    return [];
  } catch (error) {
    if (error instanceof TemperError) return error.problems;
    throw error;
  }
}
