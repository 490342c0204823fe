import type { TaskSchema } from './task-schema.js';

/** The stretch of a text that answers a question about it, or that there is none. */
export const questionAnswering = {
  task: 'question-answering',
  columns: ['questionAnswers'],
  defaultColumns: { question: 'question', context: 'context', answers: 'answers' },
  labelKind: 'span',
  labelsAreLists: true,
  hasClasses: false,
  // Whether a token is the first of an answer is a question of its own example's tokens.
  canBePacked: false,
  // A score for the first token of an answer, and one for the last.
  sizedHead: 2,
  head: 'question-answering',
  losses: ['span-cross-entropy'],
  metrics: ['f1', 'exactMatch', 'loss'],
  counts: ['examples'],
  gate: {},
  metricForBestModel: 'f1',
  shown: ['f1', 'exactMatch'],
  leastTokens: { count: 2, around: true },
} as const satisfies TaskSchema;
