export interface ClassCounts {
  /** Rows of each class in the data. */
  readonly support: ArrayLike<number>;
  /** Rows that the model takes for it. */
  readonly predicted: ArrayLike<number>;
  /** Rows of it that the model takes for it. */
  readonly hits: ArrayLike<number>;
}

/** As scikit-learn: 0 where nothing can be divided by. */
export const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);

/** Accuracy, Matthews' correlation and macro averages. As in scikit-learn, a class that is neither in the data nor predicted is not averaged over. */
export function averagesOf({ support, predicted, hits }: ClassCounts) {
  let [classes, rows, correct] = [0, 0, 0];
  let [precision, recall, f1] = [0, 0, 0];
  // Σ of their products and squares, for Matthews' correlation.
  let [products, ofSaid, ofThere] = [0, 0, 0];
  for (let k = 0; k < support.length; k++) {
    const [there, said, hit] = [support[k]!, predicted[k]!, hits[k]!];
    if (there + said === 0) continue;
    classes += 1;
    rows += there;
    correct += hit;
    products += there * said;
    ofSaid += said * said;
    ofThere += there * there;
    precision += ratio(hit, said);
    recall += ratio(hit, there);
    // F1 = 2·P·R / (P + R) = 2·hits / (predicted + support)
    f1 += ratio(2 * hit, said + there);
  }
  return {
    accuracy: ratio(correct, rows),
    precision: ratio(precision, classes),
    recall: ratio(recall, classes),
    f1: ratio(f1, classes),
    // Of any number of classes (Gorodkin 2004), as sklearn.metrics.matthews_corrcoef: 0 where one side is of one class.
    mcc: ratio(correct * rows - products, Math.sqrt(rows * rows - ofSaid) * Math.sqrt(rows * rows - ofThere)),
  };
}
