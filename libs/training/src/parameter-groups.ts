import type { Trainable } from '@temper/models';
import type { TrainedParameter } from '@temper/optimizers';

/** What optimizers read of each parameter: biases and the weights of normalisations are not decayed, as in the Trainer. */
export const groupParameters = (trainable: readonly Trainable[]): TrainedParameter[] =>
  trainable.map(({ name, shape, kind, learningRateScale = 1 }) => ({
    ...{ name, shape, kind },
    decayed: kind !== 'norm' && kind !== 'bias',
    lrScale: learningRateScale,
  }));
