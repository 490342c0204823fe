import type { EvaluationMetrics } from '@temper/contracts';
import type { TrainingSpec } from '@temper/spec';
import { THIS_CHECKPOINT } from '../checkpoint/meta.js';
import { improves, metricValue } from '../metrics/best.js';
import { scheduleAfter } from './schedule.js';
import type { TrainingState } from './state.js';

/** Whether an evaluation is the best so far, and what a schedule that watches evaluations makes of it. */
export function judge(state: TrainingState, line: EvaluationMetrics, training: TrainingSpec): void {
  const { metricForBestModel: metric } = training;
  const value = metricValue(line, metric);
  state.schedule = scheduleAfter(training, state.schedule, value);
  if (!state.best || improves(metric, value, state.best.metric)) {
    state.best = { step: state.step, metric: value, digest: THIS_CHECKPOINT };
    state.withoutImprovement = 0;
  } else {
    state.withoutImprovement += 1;
  }
}
