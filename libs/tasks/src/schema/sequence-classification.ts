import type { TaskSchema } from './task-schema.js';

/** One class a text. */
export const sequenceClassification = {
  task: 'sequence-classification',
  problemType: 'single_label_classification',
  labelForm: 'word',
  columns: ['textLabel', 'tokenIds'],
  defaultColumns: { text: 'text', label: 'label' },
  labelKind: 'class',
  labelsAreLists: false,
  hasClasses: true,
  canBePacked: false,
  head: 'sequence-classification',
  losses: ['cross-entropy', 'focal'],
  metrics: [
    'f1',
    'accuracy',
    'precision',
    'recall',
    'f1Micro',
    'mcc',
    'rocAuc',
    'averagePrecision',
    'ece',
    'loss',
  ],
  counts: ['examples'],
  gate: {},
  metricForBestModel: 'f1',
  shown: ['f1', 'accuracy'],
  leastTokens: { count: 1, around: true },
} as const satisfies TaskSchema;
