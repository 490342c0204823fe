import type { Metrics } from '@temper/contracts';
import type { Chance } from '../losses/chance.js';
import type { EvaluatedBatch, Measure, MeasuredRows, MetricAccumulator } from '../task.js';
import { ratio } from './averages.js';
import type { ClassMetrics } from './classification.js';
import { Growing } from './growing.js';
import { averagePrecision, rocAuc } from './ranks.js';

/** Rows and their flags, counted a class. */
class FlagCounts {
  rows = 0;
  /** Rows of which every flag is right. */
  exact = 0;
  readonly support: Int32Array;
  readonly predicted: Int32Array;
  readonly hits: Int32Array;

  constructor(readonly classes: number) {
    [this.support, this.predicted, this.hits] = [0, 0, 0].map(() => new Int32Array(classes)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
  }

  reset(): void {
    for (const counts of [this.support, this.predicted, this.hits]) counts.fill(0);
    this.rows = this.exact = 0;
  }

  /** Flags of one row, from `from` on. */
  add(truth: ArrayLike<number>, said: ArrayLike<number>, from: number): void {
    let right = true;
    for (let k = 0; k < this.classes; k++) {
      const [is, says] = [truth[from + k]! > 0, said[from + k]! > 0];
      if (is) this.support[k]!++;
      if (says) this.predicted[k]!++;
      if (is && says) this.hits[k]!++;
      right &&= is === says;
    }
    this.rows++;
    if (right) this.exact++;
  }

  /** Macro averages over all classes, and the micro F1, with scikit-learn's zero divisions (0); accuracy is that of whole rows. */
  averages() {
    const sum = (of: (k: number) => number) =>
      Array.from({ length: this.classes }, (_, k) => of(k)).reduce((a, b) => a + b, 0);
    const each = Array.from({ length: this.classes }, (_, k) => this.of(k));
    const mean = (name: 'precision' | 'recall' | 'f1') => sum((k) => each[k]![name]) / this.classes;
    return {
      accuracy: ratio(this.exact, this.rows),
      precision: mean('precision'),
      recall: mean('recall'),
      f1: mean('f1'),
      f1Micro: ratio(
        2 * sum((k) => this.hits[k]!),
        sum((k) => this.predicted[k]! + this.support[k]!),
      ),
    };
  }

  of(k: number): ClassMetrics {
    const [support, said, hits] = [this.support[k]!, this.predicted[k]!, this.hits[k]!];
    return {
      precision: ratio(hits, said),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, said + support),
      support,
    };
  }

  /** Nats: the loss of who knows how frequent each class is and nothing of the texts. */
  entropy(): number {
    const of = (p: number) => (p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0);
    return this.support.reduce((sum, count) => sum + of(ratio(count, this.rows)), 0) / this.classes;
  }
}

/** Metrics of any number of classes a row, said where the logit is above 0 (p > 1/2); scores are kept for ROC-AUC. */
export class MultiLabelMetrics implements MetricAccumulator {
  private readonly counts: FlagCounts;
  private readonly truth = new Growing(Float32Array);
  private readonly scores = new Growing(Float32Array);
  private lossSum = 0;

  constructor(
    private readonly labelNames: readonly string[],
    private readonly chance?: Chance,
  ) {
    this.counts = new FlagCounts(labelNames.length);
  }

  /** The output `logits` and the labels are [rows, classes]. */
  add({ labels, lossSum, outputs }: EvaluatedBatch): void {
    const logits = outputs.logits ?? [];
    for (let from = 0; from < labels.length; from += this.counts.classes)
      this.counts.add(labels, logits, from);
    for (const [i, label] of labels.entries()) {
      this.truth.push(label);
      this.scores.push(logits[i]!);
    }
    this.lossSum += lossSum;
  }

  result(): Metrics {
    const { rows } = this.counts;
    const areas = this.areas(rocAuc);
    const perClass = this.labelNames.map((name, k) => {
      const area = areas[k];
      return [name, { ...this.counts.of(k), ...(area === undefined ? {} : { rocAuc: area }) }] as const;
    });
    return {
      loss: ratio(this.lossSum, rows),
      ...this.counts.averages(),
      ...meanOf('rocAuc', areas),
      ...meanOf('averagePrecision', this.areas(averagePrecision)),
      examples: rows,
      chance: {
        loss: this.chance?.(this.counts) ?? this.counts.entropy(),
        words: "guessing by the classes' shares",
      },
      perClass: Object.fromEntries(perClass),
      labels: this.labelNames,
    };
  }

  private areas(area: typeof rocAuc): (number | undefined)[] {
    return this.labelNames.map((_, k) => this.area(area, k));
  }

  private area(area: typeof rocAuc, k: number): number | undefined {
    const [truth, scores, { classes, rows }] = [this.truth.view(), this.scores.view(), this.counts];
    const ofClass = Float32Array.from({ length: rows }, (_, row) => scores[row * classes + k]!);
    return area(ofClass, (row) => truth[row * classes + k]! > 0);
  }
}

/** The mean over the classes that have rows with and without them: elsewhere there is nothing to tell apart. */
function meanOf(name: string, areas: readonly (number | undefined)[]): Metrics {
  const defined = areas.filter((area) => area !== undefined);
  return defined.length ? { [name]: defined.reduce((a, b) => a + b, 0) / defined.length } : {};
}

/** Loss and averages of drawn rows. */
export function multiLabelOf(
  { loss, split, predicted }: MeasuredRows,
  { length: classes }: readonly string[],
): Measure {
  const counts = new FlagCounts(classes);
  const { labels } = split;
  let sum = 0;
  const same = (row: number) => {
    for (let k = classes * row; k < classes * (row + 1); k++) if (labels[k] !== predicted![k]) return false;
    return true;
  };
  return {
    metrics: ['loss', 'accuracy', 'f1Micro', 'precision', 'recall', 'f1'],
    shares: { hit: same, names: ['accuracy'], namesOfAll: [] },
    reset() {
      counts.reset();
      sum = 0;
    },
    add(row) {
      counts.add(labels, predicted!, classes * row);
      sum += loss[row]!;
    },
    values() {
      const { accuracy, precision, recall, f1, f1Micro } = counts.averages();
      return [sum / counts.rows, accuracy, f1Micro, precision, recall, f1];
    },
  };
}
