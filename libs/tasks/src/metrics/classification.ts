import type { Metrics } from '@temper/contracts';
import type { Chance } from '../losses/chance.js';
import type { EvaluatedBatch, MetricAccumulator } from '../task.js';
import { averagesOf, ratio, type ClassCounts } from './averages.js';
import { balanceOf } from './balance.js';
import { Calibration } from './calibration.js';
import { ClassScores } from './class-scores.js';
import { Confusion } from './confusion.js';

/** Of more classes there is no whole matrix: `confusionCounts` has the pairs that occur. */
const DENSE = 200;

export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** Counts, and of few classes the scores that ranks need; logits are looked at once and never kept. Averages and zero divisions (0) as in scikit-learn. */
export class ClassificationMetrics implements MetricAccumulator {
  private readonly confusion: Confusion;
  private readonly calibration = new Calibration();
  private readonly scores: ClassScores;
  private examples = 0;
  private lossSum = 0;

  constructor(
    private readonly labelNames: readonly string[],
    private readonly chance?: Chance,
  ) {
    this.confusion = new Confusion(labelNames.length);
    this.scores = new ClassScores(labelNames.length);
  }

  /** The output `logits` is [labels.length, classes], row-major; `lossSum` is their summed cross-entropy. */
  add({ labels, lossSum, outputs }: EvaluatedBatch): void {
    const classes = this.labelNames.length;
    const logits = outputs.logits!;
    labels.forEach((label, row) => {
      const from = row * classes;
      const best = argmax(logits, from, classes);
      const largest = logits[from + best]!;
      const log = logOfSum(logits, from, classes, largest);
      this.confusion.add(label, best);
      this.calibration.add(Math.exp(-log), best === label);
      this.scores.add(label, (k) => logits[from + k]! - largest - log);
    });
    this.examples += labels.length;
    this.lossSum += lossSum;
  }

  result(): Record<string, unknown> {
    const { accuracy, precision, recall, f1, mcc } = averagesOf(this.confusion);
    const perClass = this.labelNames.map((name, k) => [name, ofClass(this.confusion, k)] as const);
    return {
      loss: ratio(this.lossSum, this.examples),
      accuracy,
      precision,
      recall,
      f1,
      // With one label an example, every false positive is another class's false negative: all micro averages agree.
      f1Micro: accuracy,
      mcc,
      ...this.scores.areas(),
      ...this.reliability(),
      examples: this.examples,
      balance: balanceOf(this.confusion, this.labelNames),
      ...this.ofChance(),
      perClass: Object.fromEntries(perClass),
      labels: this.labelNames,
      ...(this.labelNames.length <= DENSE
        ? { confusionMatrix: this.confusion.matrix() }
        : { confusionCounts: this.confusion.counts() }),
    };
  }

  private reliability() {
    const ece = this.calibration.error();
    return ece === undefined ? {} : { ece, calibration: this.calibration.table() };
  }

  private ofChance() {
    const { support } = this.confusion;
    const loss = this.chance?.({ support, rows: this.examples });
    return loss === undefined ? {} : { chance: { loss, words: "guessing by the classes' shares" } };
  }
}

function ofClass({ support, predicted, hits }: ClassCounts, k: number): ClassMetrics {
  return {
    precision: ratio(hits[k]!, predicted[k]!),
    recall: ratio(hits[k]!, support[k]!),
    f1: ratio(2 * hits[k]!, predicted[k]! + support[k]!),
    support: support[k]!,
  };
}

/** What is not one number: most grow with the number of classes. */
const tables = ['perClass', 'labels', 'confusionMatrix', 'confusionCounts', 'calibration'];

/**
 * The metrics as a line of the log, and of a checkpoint: of very many classes without their
 * tables.
 */
export function metricLineOf(metrics: Metrics, classes: number): Metrics {
  if (classes <= DENSE) return metrics;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !tables.includes(name)));
}

/** Index of the largest of `data[from .. from + length)`; the first of equals, as torch.argmax on a CPU. */
export function argmax(data: ArrayLike<number>, from: number, length: number): number {
  let best = 0;
  for (let k = 1; k < length; k++) if (data[from + k]! > data[from + best]!) best = k;
  return best;
}

/**
 * ln Σ exp(x − largest) of `data[from .. from + length)`: no exponential overflows, and rows that differ by a shift have equal
 * probabilities to the last bit.
 */
function logOfSum(data: ArrayLike<number>, from: number, length: number, largest: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += Math.exp(data[from + k]! - largest);
  return Math.log(sum);
}
