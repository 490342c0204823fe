/**
 * Where verdicts begin. What refuses is kept to what cannot be meant; what only tells may be wrong now and then.
 * docs/verdicts.md gives the reason of each.
 */
export const thresholds = {
  /** Rows below which nothing is refused: an interval of accuracy is then wider than ±17 points at worst. */
  refusalRows: 30,
  collapsed: {
    /** Share of the rows that one class is predicted for. */
    share: 0.99,
    /** Rows that the second largest class has at least, to refuse and to tell. */
    secondClass: 5,
    secondClassTold: 3,
    /** Rows below which all answers of one kind are nothing remarkable. */
    rowsTold: 10,
    /** Where the truth itself is so much of one class, finding this share of the other rows is no collapse. */
    skewedTruth: 0.98,
    found: 0.1,
  },
  /** A bootstrap of fewer rows is too narrow. */
  worse: { rowsTold: 10 },
  diverging: {
    steps: 20,
    /** The last median against the lowest, at least so many nats, and against the first. */
    rise: 1.5,
    nats: 0.2,
    ofFirst: 0.5,
  },
  overfit: {
    /** The last validation loss against the lowest. */
    rise: 0.1,
    nats: 0.02,
    /** So steep a rise speaks whatever the other metrics do: the model is ever surer of its mistakes. */
    steepRise: 0.5,
    /** Where the best checkpoint lies, as a share of the steps. */
    longBefore: 0.75,
    /** The training loss meanwhile. */
    trainFell: 0.9,
    /** A metric that rises by more is still learning. */
    metric: 0.005,
    /** Without a curve: training loss against held-out loss, after more passes over the data than one. */
    gapRatio: 0.2,
    gapNats: 0.3,
    passes: 1.5,
  },
  underfit: {
    /** Share of the loss of guessing (the classes' entropy) that was learnt. */
    learnt: 0.1,
    learntWhileFalling: 0.3,
    falling: 0.05,
    /** The training loss of a language model at its end against its beginning. */
    stayed: 0.9,
    /** Less entropy than this many nats is hardly a task. */
    entropy: 0.1,
  },
  /** Share of the test rows that train has too, from which on it is said beside `fine`. */
  leaked: 0.05,
  tooLittle: {
    rows: 30,
  },
} as const;
