import { binaryCrossEntropyLoss } from '@temper/graph';
import { autoClassifier, loadClassifier, loadLabels } from './card-usage.js';
import { MultiLabelMetrics, multiLabelOf } from './metrics/multi-label.js';
import { multiLabelClassification as schema } from './schema/multi-label-classification.js';
import type { TaskDefinition } from './task.js';

/** Any number of classes a text. */
export const multiLabelClassification: TaskDefinition = {
  ...schema,
  loss: binaryCrossEntropyLoss,
  outputs: ['logits'],
  headSize: (labelNames) => labelNames.length,
  accumulator: (labelNames, chance) => new MultiLabelMetrics(labelNames, chance),
  rows: {
    dtype: 'i32',
    width: (classes) => classes,
    write(logits, from, length, into, at) {
      for (let k = 0; k < length; k++) into[at + k] = logits[from + k]! > 0 ? 1 : 0;
    },
  },
  measure: multiLabelOf,
  // ±10 points.
  verdict: { learntAgainst: 'chance', precision: { metric: 'f1Micro', widest: 0.2 } },
  prediction: 'classify',
  read(logits, labelNames) {
    const likely = labelNames.map((name, k) => [name, 1 / (1 + Math.exp(-logits[k]!))] as const);
    const said = likely.filter(([, p]) => p > 0.5).sort(([, a], [, b]) => b - a);
    return { labels: said.map(([name]) => name), probabilities: Object.fromEntries(likely) };
  },
  card: {
    words: 'text classification with several labels',
    tag: 'text-classification',
    autoClass: autoClassifier,
    predictFlags: '',
    imports: ['import json', ''],
    usage: (model) => [
      ...loadLabels(model),
      ...loadClassifier(model, 'len(labels)'),
      '    probabilities = model(**inputs).logits[0].sigmoid().tolist()',
      'print([label for label, p in zip(labels, probabilities) if p > 0.5])',
    ],
  },
};
