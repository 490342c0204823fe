import type { Measure, MeasuredRows } from '../task.js';
import { averagesOf } from './averages.js';

/** The mean loss: of summed losses and counted tokens, as it is reported, not a mean of means. */
export function lossOf({ loss, counted }: MeasuredRows): Measure {
  let sum = 0;
  let tokens = 0;
  return {
    metrics: ['loss', 'perplexity'],
    reset: () => void (sum = tokens = 0),
    add(row) {
      sum += loss[row]!;
      tokens += counted[row]!;
    },
    values() {
      const mean = tokens === 0 ? 0 : sum / tokens;
      return [mean, Math.exp(mean)];
    },
  };
}

/** The mean loss over rows. */
export function lossOfRows({ loss }: MeasuredRows): Measure {
  let [sum, rows] = [0, 0];
  return {
    metrics: ['loss'],
    reset: () => void (sum = rows = 0),
    add(row) {
      sum += loss[row]!;
      rows++;
    },
    values: () => [rows === 0 ? 0 : sum / rows],
  };
}

/** Loss, accuracy and the macro averages. */
export function classificationOf(
  { loss, split, predicted }: MeasuredRows,
  labelNames: readonly string[],
): Measure {
  const { labels } = split;
  const [support, answered, hits] = [0, 0, 0].map(() => new Int32Array(labelNames.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  let sum = 0;
  let rows = 0;
  return {
    metrics: ['loss', 'accuracy', 'f1Micro', 'precision', 'recall', 'f1', 'mcc'],
    shares: {
      hit: (row) => labels[row] === predicted![row],
      names: ['accuracy', 'f1Micro'],
      namesOfAll: ['precision', 'recall', 'f1'],
    },
    reset() {
      for (const counts of [support, answered, hits]) counts.fill(0);
      sum = rows = 0;
    },
    add(row) {
      const [truth, said] = [labels[row]!, predicted![row]!];
      support[truth]! += 1;
      answered[said]! += 1;
      if (truth === said) hits[truth]! += 1;
      sum += loss[row]!;
      rows += 1;
    },
    values() {
      const { accuracy, precision, recall, f1, mcc } = averagesOf({ support, predicted: answered, hits });
      return [sum / rows, accuracy, accuracy, precision, recall, f1, mcc];
    },
  };
}
