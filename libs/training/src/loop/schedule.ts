import { greaterIsBetter } from '@temper/contracts';
import { scheduleOf, scheduleSettingsOf, type ScheduleState } from '@temper/optimizers';
import type { TrainingSpec } from '@temper/spec';

type Scheduled = Pick<
  TrainingSpec,
  'scheduler' | 'schedulerSettings' | 'learningRate' | 'warmupSteps' | 'warmupRatio'
>;

/** The learning rate of the optimizer step after `step` steps were done (0 for the first). */
export function learningRateAt(
  training: Scheduled,
  { step, schedule }: { readonly step: number; readonly schedule: ScheduleState },
  totalSteps: number,
): number {
  const { scheduler, schedulerSettings, learningRate } = training;
  const at = { step, totalSteps, warmupSteps: warmupStepsOf(training, totalSteps), learningRate };
  const settings = scheduleSettingsOf(scheduler, schedulerSettings);
  return learningRate * scheduleOf(scheduler).factor(at, settings, schedule);
}

/** The state of the schedule after an evaluation that measured `metric` of `metricForBestModel`. */
export function scheduleAfter(
  training: Pick<TrainingSpec, 'scheduler' | 'schedulerSettings' | 'learningRate' | 'metricForBestModel'>,
  state: ScheduleState,
  metric: number,
): ScheduleState {
  const { scheduler, schedulerSettings, learningRate, metricForBestModel } = training;
  const { evaluated } = scheduleOf(scheduler);
  if (!evaluated) return {};
  const found = { metric, learningRate, greaterIsBetter: greaterIsBetter(metricForBestModel) };
  return evaluated(state, found, scheduleSettingsOf(scheduler, schedulerSettings));
}

/** `warmupSteps` where given, else the ratio of all steps, rounded up. */
export function warmupStepsOf(
  training: Pick<TrainingSpec, 'warmupSteps' | 'warmupRatio'>,
  totalSteps: number,
): number {
  return training.warmupSteps ?? Math.ceil(totalSteps * training.warmupRatio);
}
