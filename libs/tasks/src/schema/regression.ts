import type { TaskSchema } from './task-schema.js';

/** A number a text. */
export const regression = {
  task: 'sequence-classification',
  problemType: 'regression',
  labelForm: 'number',
  columns: ['textLabel'],
  defaultColumns: { text: 'text', label: 'label' },
  labelKind: 'value',
  labelsAreLists: false,
  canBePacked: false,
  hasClasses: false,
  sizedHead: 1,
  head: 'sequence-classification',
  losses: ['mean-squared-error'],
  metrics: ['loss', 'mse', 'mae', 'pearson', 'spearman'],
  counts: ['examples'],
  gate: {},
  metricForBestModel: 'loss',
  shown: ['spearman', 'mae'],
  leastTokens: { count: 1, around: true },
} as const satisfies TaskSchema;
