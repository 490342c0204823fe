import { crossEntropyLoss } from '@temper/graph';
import { autoClassifier, loadClassifier, loadLabels } from './card-usage.js';
import { argmax, ClassificationMetrics } from './metrics/classification.js';
import { classificationOf } from './metrics/measures.js';
import { sequenceClassification as schema } from './schema/sequence-classification.js';
import type { TaskDefinition } from './task.js';

/** One class a text. */
export const sequenceClassification: TaskDefinition = {
  ...schema,
  loss: crossEntropyLoss('logits'),
  outputs: ['logits'],
  headSize: (labelNames) => labelNames.length,
  accumulator: (labelNames, chance) => new ClassificationMetrics(labelNames, chance),
  rows: {
    dtype: 'i32',
    width: () => 1,
    write: (logits, from, length, into, at) => void (into[at] = argmax(logits, from, length)),
  },
  measure: classificationOf,
  // ±10 points of accuracy.
  verdict: { learntAgainst: 'chance', precision: { metric: 'accuracy', widest: 0.2 } },
  prediction: 'classify',
  read(logits, labelNames) {
    const best = argmax(logits, 0, logits.length);
    // softmax, shifted by the largest logit so that exp cannot overflow
    const powers = Array.from(logits, (logit) => Math.exp(logit - logits[best]!));
    const total = powers.reduce((a, b) => a + b, 0);
    const probabilities = Object.fromEntries(labelNames.map((name, k) => [name, powers[k]! / total]));
    const label = labelNames[best]!;
    return { label, score: probabilities[label]!, probabilities };
  },
  card: {
    words: 'text classification',
    autoClass: autoClassifier,
    tag: 'text-classification',
    predictFlags: '',
    imports: ['import json', ''],
    usage: (model) => [
      ...loadLabels(model),
      ...loadClassifier(model, 'len(labels)'),
      '    probabilities = model(**inputs).logits[0].softmax(-1)',
      'print(labels[int(probabilities.argmax())], float(probabilities.max()))',
    ],
  },
};
