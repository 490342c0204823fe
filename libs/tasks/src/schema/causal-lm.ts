import type { TaskSchema } from './task-schema.js';

/** The next token of a text, of an answer, of a conversation. */
export const causalLm = {
  task: 'causal-lm',
  columns: ['promptCompletion', 'instruction', 'messages', 'text', 'tokenIds'],
  defaultColumns: { prompt: 'prompt', completion: 'completion' },
  labelKind: 'token',
  labelsAreLists: true,
  hasClasses: false,
  canBePacked: true,
  head: 'causal-lm',
  losses: ['cross-entropy'],
  metrics: ['loss', 'perplexity', 'tokenAccuracy'],
  written: {
    metrics: ['exactMatch', 'rouge1', 'rouge2', 'rougeL', 'bleu'],
    columns: ['promptCompletion', 'instruction', 'messages', 'tokenIds'],
  },
  counts: ['examples', 'countedTokens'],
  gate: {},
  metricForBestModel: 'loss',
  shown: ['loss', 'perplexity'],
  // The first token of a text is predicted by none.
  leastTokens: { count: 2, around: false },
} as const satisfies TaskSchema;
