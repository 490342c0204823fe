/** What is known of a metric wherever it is measured. */
interface MetricFacts {
  readonly better: 'larger' | 'smaller';
  /** The smallest and the largest value that it can have. */
  readonly range: readonly [min: number, max: number];
  /** Its place in a line of few numbers, of those that are told there. */
  readonly headline?: number;
  /** It says how much was measured. */
  readonly isCount?: boolean;
  /** What other tools call it, in small letters and digits alone. Their averages are macro where nothing is said. */
  readonly aka?: readonly string[];
}

const share: MetricFacts = { better: 'larger', range: [0, 1] };
const error: MetricFacts = { better: 'smaller', range: [0, Infinity] };
const correlation: MetricFacts = { better: 'larger', range: [-1, 1] };
const anyNumber = [-Infinity, Infinity] as const;
const count: MetricFacts = { better: 'larger', range: [0, Infinity], isCount: true };

/** By name: shares, mean losses (≥ 0), their exponentials, correlations, counts; in the order of reports. A new metric is one line here and a name in its task. */
const metrics = {
  loss: { ...error, aka: ['crossentropy', 'nll'], headline: 4 },
  accuracy: { ...share, aka: ['acc'], headline: 2 },
  precision: { ...share, aka: ['precisionmacro', 'macroprecision'] },
  recall: { ...share, aka: ['recallmacro', 'macrorecall'] },
  f1: { ...share, aka: ['f1macro', 'macrof1', 'f1score'], headline: 1 },
  f1Micro: { ...share, aka: ['microf1'] },
  mcc: { ...correlation, aka: ['matthewscorrelation', 'matthewscorrcoef', 'matthews'] },
  rocAuc: { ...share, aka: ['auc', 'auroc', 'rocaucscore'] },
  averagePrecision: { ...share, aka: ['prauc', 'auprc', 'averageprecisionscore'] },
  // Expected calibration error.
  ece: { better: 'smaller', range: [0, 1], aka: ['expectedcalibrationerror', 'calibrationerror'] },
  perplexity: { better: 'smaller', range: [1, Infinity], aka: ['ppl'], headline: 3 },
  tokenAccuracy: { ...share, aka: ['tokenacc', 'meantokenaccuracy'] },
  accuracyAt1: { ...share, headline: 2 },
  mrr10: { ...share, headline: 1 },
  rewardMargin: { better: 'larger', range: anyNumber },
  rewardAccuracy: { ...share, headline: 1 },
  rewardChosen: { better: 'larger', range: anyNumber },
  rewardRejected: { better: 'smaller', range: anyNumber },
  mse: error,
  mae: { ...error, headline: 2 },
  pearson: correlation,
  spearman: { ...correlation, headline: 1 },
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

const names = Object.keys(metrics) as MetricName[];

const factsOf = (metric: string): MetricFacts | undefined =>
  Object.hasOwn(metrics, metric) ? metrics[metric as MetricName] : undefined;

/** As in transformers, a name that is not known is of something good unless it ends in loss. */
export const greaterIsBetter = (metric: string): boolean =>
  (factsOf(metric)?.better ?? (/loss$/i.test(metric) ? 'smaller' : 'larger')) === 'larger';

export const rangeOf = (metric: string): MetricFacts['range'] => factsOf(metric)?.range ?? share.range;

/** The metric that other tools call so, whatever the case and the marks between its words. */
export function metricCalled(name: string): MetricName | undefined {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return names.find((metric) => factsOf(metric)?.aka?.includes(plain));
}

/** What reports show, in their order. */
export const reportedMetrics: readonly MetricName[] = names.filter((name) => !factsOf(name)?.isCount);

/** What a line of few numbers tells, the first ones first. */
export const headlineMetrics: readonly MetricName[] = names
  .filter((name) => factsOf(name)?.headline !== undefined)
  .sort((a, b) => factsOf(a)!.headline! - factsOf(b)!.headline!);
