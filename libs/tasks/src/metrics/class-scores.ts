import { Growing } from './growing.js';
import { averagePrecision, rocAuc } from './ranks.js';

/** Of more classes no scores are kept: 8 bytes a class and row. */
const MOST_CLASSES = 200;

/**
 * What statistics of ranks need of each row: the logarithms of its classes' probabilities, of two classes that of the second alone. ROC-AUC
 * and average precision as scikit-learn has them: of two classes those of the second; of more the mean over the classes, each against
 * the rest, that are there and are not all that is there.
 */
export class ClassScores {
  private readonly labels = new Growing(Int32Array);
  private readonly scores = new Growing(Float64Array);
  private readonly kept: readonly number[];

  constructor(classes: number) {
    const all = Array.from({ length: classes }, (_, k) => k);
    this.kept = classes > MOST_CLASSES ? [] : classes === 2 ? [1] : all;
  }

  /** `logP`: of a class of the row. */
  add(label: number, logP: (k: number) => number): void {
    if (!this.kept.length) return;
    this.labels.push(label);
    for (const k of this.kept) this.scores.push(logP(k));
  }

  areas(): { readonly rocAuc?: number; readonly averagePrecision?: number } {
    const [auc, precision] = [this.mean(rocAuc), this.mean(averagePrecision)];
    return {
      ...(auc === undefined ? {} : { rocAuc: auc }),
      ...(precision === undefined ? {} : { averagePrecision: precision }),
    };
  }

  private mean(area: typeof rocAuc): number | undefined {
    const [labels, scores, width] = [this.labels.view(), this.scores.view(), this.kept.length];
    const each = this.kept.flatMap((label, k) => {
      const ofClass = Float64Array.from({ length: labels.length }, (_, row) => scores[row * width + k]!);
      return area(ofClass, (row) => labels[row] === label) ?? [];
    });
    return each.length ? each.reduce((a, b) => a + b, 0) / each.length : undefined;
  }
}
