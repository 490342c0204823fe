import type { TaskSchema } from './task-schema.js';

/** One class a word: names of persons and places, parts of speech. */
export const tokenClassification = {
  task: 'token-classification',
  labelForm: 'tags',
  columns: ['tokenTags', 'tokenIds'],
  defaultColumns: { tokens: 'tokens', tags: 'tags' },
  labelKind: 'tag',
  labelsAreLists: true,
  hasClasses: true,
  canBePacked: false,
  head: 'token-classification',
  losses: ['cross-entropy', 'focal'],
  metrics: ['f1', 'precision', 'recall', 'tokenAccuracy', 'loss'],
  counts: ['examples', 'countedTokens'],
  gate: {},
  metricForBestModel: 'f1',
  shown: ['f1', 'tokenAccuracy'],
  leastTokens: { count: 1, around: true },
} as const satisfies TaskSchema;
