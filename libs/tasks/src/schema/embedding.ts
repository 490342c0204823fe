import type { TaskSchema } from './task-schema.js';

/** A vector a text, near those of the texts that belong to it. */
export const embedding = {
  task: 'embedding',
  columns: ['pairs', 'scoredPairs'],
  defaultColumns: { anchor: 'anchor', positive: 'positive' },
  sequencesPerExample: (columns) => ('negative' in columns && columns.negative !== undefined ? 3 : 2),
  comparesExamples: true,
  labelForm: 'number',
  labelKind: 'value',
  labelsAreLists: false,
  hasClasses: false,
  canBePacked: false,
  head: 'embedding',
  losses: ['multiple-negatives-ranking'],
  metrics: ['loss', 'mrr10', 'accuracyAt1'],
  counts: ['examples'],
  gate: {},
  metricForBestModel: 'loss',
  shown: ['mrr10', 'accuracyAt1'],
  leastTokens: { count: 1, around: true },
} as const satisfies TaskSchema;

/** The same learnt of two texts and how alike they are. */
export const embeddingSimilarity = {
  ...embedding,
  ofColumns: 'scoredPairs',
  defaultColumns: { sentence1: 'sentence1', sentence2: 'sentence2', score: 'score' },
  sequencesPerExample: () => 2,
  comparesExamples: false,
  losses: ['cosine'],
  metrics: ['loss', 'spearman', 'pearson', 'mse', 'mae'],
  shown: ['spearman', 'pearson'],
} as const satisfies TaskSchema;
