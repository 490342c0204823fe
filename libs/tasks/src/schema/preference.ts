import type { TaskSchema } from './task-schema.js';

/** Which of two completions of a prompt is better. */
export const preference = {
  task: 'preference',
  columns: ['preference'],
  defaultColumns: { prompt: 'prompt', chosen: 'chosen', rejected: 'rejected' },
  sequencesPerExample: () => 2,
  labelKind: 'pair',
  labelsAreLists: true,
  hasClasses: false,
  // What is learnt of a sequence depends on the one that it is compared with.
  canBePacked: false,
  head: 'causal-lm',
  losses: ['dpo', 'ipo', 'orpo'],
  metrics: ['loss', 'rewardAccuracy', 'rewardMargin', 'rewardChosen', 'rewardRejected'],
  counts: ['examples'],
  gate: {},
  metricForBestModel: 'loss',
  shown: ['rewardAccuracy', 'rewardMargin'],
  leastTokens: { count: 2, around: false },
} as const satisfies TaskSchema;
