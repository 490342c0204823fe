import type { TaskSchema } from './task-schema.js';

/** Any number of classes a text. */
export const multiLabelClassification = {
  task: 'sequence-classification',
  problemType: 'multi_label_classification',
  labelForm: 'words',
  columns: ['textLabel'],
  defaultColumns: { text: 'text', label: 'label' },
  labelKind: 'flags',
  labelsAreLists: true,
  canBePacked: false,
  hasClasses: true,
  head: 'sequence-classification',
  losses: ['binary-cross-entropy'],
  metrics: ['f1', 'f1Micro', 'accuracy', 'precision', 'recall', 'rocAuc', 'averagePrecision', 'loss'],
  counts: ['examples'],
  gate: {},
  metricForBestModel: 'f1',
  shown: ['f1', 'f1Micro'],
  leastTokens: { count: 1, around: true },
} as const satisfies TaskSchema;
