import type { TaskSchema } from './task-schema.js';

/** The tokens of a text that are hidden. */
export const maskedLm = {
  task: 'masked-lm',
  columns: ['text', 'tokenIds'],
  defaultColumns: { text: 'text' },
  labelKind: 'masked',
  labelsAreLists: true,
  hasClasses: false,
  canBePacked: true,
  head: 'masked-lm',
  masking: { probability: 0.15 },
  losses: ['cross-entropy'],
  metrics: ['loss', 'perplexity', 'tokenAccuracy'],
  counts: ['examples', 'countedTokens'],
  gate: {},
  metricForBestModel: 'loss',
  shown: ['loss', 'perplexity'],
  leastTokens: { count: 1, around: true },
} as const satisfies TaskSchema;
