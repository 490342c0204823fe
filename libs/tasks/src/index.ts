export { definitionOf } from './table.js';
export type {
  BatchExamples,
  CardModel,
  CardWords,
  EvaluatedBatch,
  Measure,
  MeasuredRows,
  MetricAccumulator,
  Reading,
  RowPredictions,
  SpanPassage,
  TaskDefinition,
  VerdictFacts,
  Word,
} from './task.js';
export type { TaskChoice } from './schema/index.js';
export type { Balance } from './metrics/balance.js';
export type { Chance } from './losses/chance.js';
export { minimisedOf, type Minimised } from './losses/trained-loss.js';
export { argmax, ClassificationMetrics, metricLineOf } from './metrics/classification.js';
export type { WrittenText } from './metrics/text/text-measure.js';
