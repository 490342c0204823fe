import { meanSquaredErrorLoss } from '@temper/graph';
import { autoClassifier, loadClassifier } from './card-usage.js';
import { RegressionMetrics, regressionOf } from './metrics/regression.js';
import { regression as schema } from './schema/regression.js';
import type { TaskDefinition } from './task.js';

/** A number a text. */
export const regression: TaskDefinition = {
  ...schema,
  loss: meanSquaredErrorLoss,
  outputs: ['logits'],
  headSize: () => 1,
  accumulator: () => new RegressionMetrics(),
  rows: {
    dtype: 'f32',
    width: () => 1,
    write: (logits, from, _length, into, at) => void (into[at] = logits[from]!),
  },
  measure: regressionOf,
  verdict: { learntAgainst: 'chance', precision: { metric: 'pearson', widest: 0.4 } },
  prediction: 'classify',
  read: (logits) => ({ value: logits[0]! }),
  card: {
    words: 'text regression',
    tag: 'text-classification',
    autoClass: autoClassifier,
    predictFlags: '',
    imports: [],
    usage: (model) => [
      ...loadClassifier(model, '1'),
      '    value = model(**inputs).logits[0, 0]',
      'print(float(value))',
    ],
  },
};
