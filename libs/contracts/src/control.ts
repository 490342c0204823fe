import type { ArtifactRef } from './artifact.js';
import type { Problem } from './errors.js';

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

/** Of `training` in the spec. */
export interface ChangeableSettings {
  readonly learningRate: number;
  readonly evalStrategy: 'no' | 'epoch' | 'steps';
  readonly evalSteps: number;
}

/** What may be changed while a run trains. */
export type ChangedSettings = Partial<ChangeableSettings> & {
  /** Training ends at this step as if it were the last: with its evaluation and its checkpoint. */
  readonly stop?: true | undefined;
};

/** Argument of `change`. */
export type ChangeInput = ControlInput & ChangedSettings;

/** A request, as the workflow has recorded it; `at` is a time (ISO 8601). */
export type ControlNote = ControlInput & { readonly at: string };
export type TrainingChange = ChangeInput & { readonly id: string; readonly at: string };

/** In force for every step after `step`; its settings are part of the checkpoint, so that a resumed training repeats it. */
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

/** What an update returns once it is in force, or what it waits for. */
export interface ControlAnswer {
  readonly runId: string;
  readonly status: string;
  /** For people: when it takes effect. */
  readonly message: string;
}

export const changedFields = ['learningRate', 'evalStrategy', 'evalSteps'] as const;

/** The settings of training with some of them changed. */
export function changedTraining<T extends ChangeableSettings>(
  training: T,
  changes: readonly ChangedSettings[],
): T {
  return changes.reduce<T>((settings, change) => {
    const given = changedFields.filter((field) => change[field] !== undefined);
    return { ...settings, ...Object.fromEntries(given.map((field) => [field, change[field]])) };
  }, training);
}

/** `learningRate 1e-5, stop`: for people. */
export const changeWords = (change: ChangedSettings): string =>
  [
    ...changedFields.flatMap((field) => (change[field] === undefined ? [] : [`${field} ${change[field]}`])),
    ...(change.stop ? ['stop'] : []),
  ].join(', ');

/** What of a spec decides whether a change fits. */
interface WithTraining {
  readonly training: ChangeableSettings & {
    readonly earlyStoppingPatience?: number | undefined;
    readonly loadBestModelAtEnd: boolean;
  };
}

/**
 * Mistakes of a change: those that the spec would have with these settings from its beginning. Written out, because
 * workflow code that loaded the whole schema would load it again for each of thousands of runs; a test compares both.
 */
export function changeProblems(spec: WithTraining, change: ChangedSettings): readonly Problem[] {
  const problems = [...wrongValues(change), ...withoutEvaluations(spec, change), ...unknownNames(change)];
  const isEmpty = change.stop === undefined && changedFields.every((field) => change[field] === undefined);
  if (problems.length || !isEmpty) return problems;
  const allowed = changeable.join(', ');
  return [{ path: 'change', message: 'nothing is changed', found: 'none of the settings', allowed }];
}

const evalStrategies: readonly string[] = ['no', 'epoch', 'steps'];
const changeable: readonly string[] = [...changedFields, 'stop'];
const changeNames: readonly string[] = [...changeable, 'by', 'note'];

/** What each setting may be, and how that is said. */
const allowedValues: Readonly<
  Record<string, readonly [isAllowed: (value: unknown) => boolean, words: string]>
> = {
  learningRate: [(value) => Number.isFinite(value) && (value as number) > 0, 'a number above 0'],
  evalStrategy: [(value) => evalStrategies.includes(value as string), evalStrategies.join(', ')],
  evalSteps: [(value) => Number.isSafeInteger(value) && (value as number) > 0, 'a whole number above 0'],
  stop: [(value) => value === true, 'true'],
};

function wrongValues(change: ChangedSettings): Problem[] {
  const given = Object.entries(allowedValues).map(([field, [isAllowed, allowed]]) => ({
    field,
    value: change[field as 'stop'],
    isAllowed,
    allowed,
  }));
  return given
    .filter(({ value, isAllowed }) => value !== undefined && !isAllowed(value))
    .map(({ field, value, allowed }) => wrong(field, value, allowed, 'not an allowed value'));
}

const wrong = (field: string, value: unknown, allowed: string, message: string): Problem => ({
  path: `training.${field}`,
  message,
  found: JSON.stringify(value),
  allowed,
});

/** Early stopping is decided by evaluations, so they cannot be switched off under it. */
function withoutEvaluations({ training }: WithTraining, { evalStrategy }: ChangedSettings): Problem[] {
  const { evalStrategy: strategy, earlyStoppingPatience, loadBestModelAtEnd } = training;
  if (evalStrategy !== 'no' || strategy === 'no' || !earlyStoppingPatience || !loadBestModelAtEnd) return [];
  const why = 'training.earlyStoppingPatience needs evaluations during training';
  return [wrong('evalStrategy', evalStrategy, 'epoch, steps', why)];
}

const unknownNames = (change: ChangedSettings): Problem[] =>
  Object.keys(change)
    .filter((name) => !changeNames.includes(name))
    .map((path) => ({
      path,
      message: 'cannot be changed while it trains',
      allowed: changeable.join(', '),
      hint: 'temper runs fork starts a new run from a checkpoint with other settings',
    }));
