import type { TrainingSpec } from '@temper/spec';
import { settingsOf } from '@temper/optimizers';
import type { OptimizerSettings } from './optimizer.js';

/** What the spec says of the optimizer that it names. */
export const optimizerSettings = (training: TrainingSpec): OptimizerSettings => ({
  optimizer: training.optimizer,
  settings: settingsOf(training.optimizer, training),
  maxGradNorm: training.maxGradNorm,
});
