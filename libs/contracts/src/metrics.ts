/** What is known of a metric wherever it is measured. */
interface MetricFacts {
  readonly better: 'larger' | 'smaller';
  /** The smallest and the largest value that it can have. */
  readonly range: readonly [min: number, max: number];
  /** What other tools call it, in small letters and digits alone. Their averages are macro where nothing is said. */
  readonly aka?: readonly string[];
}

const share: MetricFacts = { better: 'larger', range: [0, 1] };
const error: MetricFacts = { better: 'smaller', range: [0, Infinity] };
const correlation: MetricFacts = { better: 'larger', range: [-1, 1] };
const count: MetricFacts = { better: 'larger', range: [0, Infinity] };

/** By name: shares, mean losses (≥ 0), their exponentials, correlations, counts. A new metric is one line here and a name in its task. */
const metrics = {
  loss: { ...error, aka: ['crossentropy', 'nll'] },
  perplexity: { better: 'smaller', range: [1, Infinity], aka: ['ppl'] },
  accuracy: { ...share, aka: ['acc'] },
  precision: { ...share, aka: ['precisionmacro', 'macroprecision'] },
  recall: { ...share, aka: ['recallmacro', 'macrorecall'] },
  f1: { ...share, aka: ['f1macro', 'macrof1', 'f1score'] },
  f1Micro: { ...share, aka: ['microf1'] },
  rocAuc: { ...share, aka: ['auc', 'auroc', 'rocaucscore'] },
  averagePrecision: { ...share, aka: ['prauc', 'auprc', 'averageprecisionscore'] },
  mcc: { ...correlation, aka: ['matthewscorrelation', 'matthewscorrcoef', 'matthews'] },
  // Expected calibration error.
  ece: { better: 'smaller', range: [0, 1], aka: ['expectedcalibrationerror', 'calibrationerror'] },
  tokenAccuracy: { ...share, aka: ['tokenacc', 'meantokenaccuracy'] },
  accuracyAt1: share,
  mrr10: share,
  mse: error,
  mae: error,
  pearson: correlation,
  spearman: correlation,
  exactMatch: share,
  rouge1: share,
  rouge2: share,
  rougeL: share,
  // As sacrebleu writes it.
  bleu: { better: 'larger', range: [0, 100] },
  examples: count,
  countedTokens: count,
} as const satisfies Readonly<Record<string, MetricFacts>>;
export type MetricName = keyof typeof metrics;

const factsOf = (metric: string): MetricFacts | undefined =>
  Object.hasOwn(metrics, metric) ? metrics[metric as MetricName] : undefined;

/** As in transformers, a name that is not known is of something good unless it ends in loss. */
export const greaterIsBetter = (metric: string): boolean =>
  (factsOf(metric)?.better ?? (/loss$/i.test(metric) ? 'smaller' : 'larger')) === 'larger';

export const rangeOf = (metric: string): MetricFacts['range'] => factsOf(metric)?.range ?? share.range;

/** The metric that other tools call so, whatever the case and the marks between its words. */
export function metricCalled(name: string): MetricName | undefined {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return (Object.keys(metrics) as MetricName[]).find((metric) => factsOf(metric)?.aka?.includes(plain));
}
