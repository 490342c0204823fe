import { learningRateChange } from '@temper/contracts';
import { medianLoss, windowOf } from './curves.js';
import { shown, stepsOf, type Rule } from './evidence.js';
import { thresholds } from './thresholds.js';

const limit = thresholds.diverging;

/** The training loss got out of hand: medians over windows, as one bad batch is nothing. */
export const diverging: Rule = (evidence) => {
  const change = learningRateChange(evidence.spec.training.learningRate, 1 / 3);
  const loss = evidence.test?.loss;
  if (evidence.test && (typeof loss !== 'number' || !Number.isFinite(loss))) {
    return { evidence: `the test loss is ${String(loss ?? 'no number')}`, change };
  }
  const steps = stepsOf(evidence);
  if (steps.length < limit.steps) return undefined;
  const window = windowOf(steps);
  const medians = Array.from({ length: Math.floor(steps.length / window) }, (_, i) => {
    // Counted from the end, so that the last window is the end of the training.
    const end = steps.length - i * window;
    return { step: steps[end - 1]!.step, loss: medianLoss(steps.slice(end - window, end)) };
  });
  const last = medians[0]!.loss;
  const first = medians.at(-1)!.loss;
  const lowest = medians.reduce((low, median) => (median.loss < low.loss ? median : low));
  if (last < limit.rise * lowest.loss || last - lowest.loss < limit.nats || last < limit.ofFirst * first) {
    return undefined;
  }
  return {
    evidence: `the training loss rose to ${shown(last)} (median of the last ${window} logged steps) from ${shown(lowest.loss)} around step ${lowest.step}`,
    change,
  };
};
