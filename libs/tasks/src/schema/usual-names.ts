import type { Task } from '@temper/contracts';

/** Names that columns of one form have in published data sets. */
export interface UsualNames {
  /** By field of the form; a column is recognised by any case of its name. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns beside these that say there is more to a row than the form takes. */
  readonly unless?: readonly string[];
  /** Columns beside these by which it is another form, unless the spec names the task. */
  readonly givesWayTo?: readonly string[];
  /** Other tasks that learn from such rows, where the spec names one. */
  readonly also?: readonly Task[];
}

/** A text that a question is about: it belongs to it as an instruction's input does. */
export const passages = ['context', 'passage', 'document', 'documents'];

/** What belongs to a question beside it. */
const context = [...passages, 'system', 'system_prompt', 'history', 'tools'];

/** Which of the answers to a question are good ones. */
const marks = ['label', 'score', 'rating', 'reward'];

const pair = (prompt: string, completion: string): UsualNames => ({
  columns: { prompt, completion },
  unless: [...context, ...marks, ...(prompt === 'input' ? [] : ['input'])],
});

export const promptsAndCompletions = [
  pair('prompt', 'completion'),
  pair('prompt', 'response'),
  pair('question', 'answer'),
  pair('instruction', 'output'),
  pair('instruction', 'response'),
  pair('input', 'output'),
];

/** As SQuAD has them. */
export const answeredQuestions: readonly UsualNames[] = [
  { columns: { question: 'question', context: 'context', answers: 'answers' } },
];

/** As Alpaca has them. */
export const instructions = ['output', 'response'].map((output): UsualNames => ({
  columns: { instruction: 'instruction', input: 'input', output },
  unless: [...context, ...marks],
}));

/** Beside a conversation: what belongs in front of its messages, or to them. */
export const conversations = ['messages', 'conversations'].map((messages): UsualNames => ({
  columns: { messages },
  unless: ['system', 'system_prompt', 'functions'],
  // UltraFeedback has the chosen conversation once more.
  givesWayTo: ['chosen', 'rejected'],
}));

export const taggedWords = ['tokens', 'words'].flatMap((tokens) =>
  ['tags', 'ner_tags', 'labels', 'ner'].map((tags): UsualNames => ({ columns: { tokens, tags } })),
);

/** As data sets of sentence-transformers have them. */
export const anchors = ['anchor', 'query'].flatMap((anchor): UsualNames[] => [
  { columns: { anchor, positive: 'positive' } },
  { columns: { anchor, positive: 'positive', negative: 'negative' } },
]);

export const scoredSentences = ['score', 'similarity_score'].map((score): UsualNames => ({
  columns: { sentence1: 'sentence1', sentence2: 'sentence2', score },
}));

/** As HH-RLHF (no prompt of their own), UltraFeedback and Orca's pairs have them; a system prompt belongs to the prompt. */
export const chosenAndRejected: readonly UsualNames[] = [
  { columns: { chosen: 'chosen', rejected: 'rejected' }, unless: context },
  ...['prompt', 'question', 'instruction', 'input'].map((prompt) => ({
    columns: { prompt, chosen: 'chosen', rejected: 'rejected' },
    unless: [...context, ...(prompt === 'input' ? [] : ['input'])],
  })),
];

export const labelledIds = ['labels', 'label'].map((labels): UsualNames => ({
  columns: { inputIds: 'input_ids', labels },
}));

/** Unless there are classes by another name than label, or who says it. */
export const texts: readonly UsualNames[] = [
  {
    columns: { text: 'text' },
    unless: ['labels', 'class', 'category', 'sentiment', 'intent', 'emotion', 'target', 'role'],
    also: ['masked-lm'],
  },
];
