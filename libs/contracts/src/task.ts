/** What a model can learn to do. */
export const tasks = [
  'sequence-classification',
  'causal-lm',
  'token-classification',
  'masked-lm',
  'embedding',
  'preference',
  'question-answering',
] as const;
export type Task = (typeof tasks)[number];

/** What the labels of a text mean, by transformers' names of config.problem_type. */
export const problemTypes = [
  'single_label_classification',
  'multi_label_classification',
  'regression',
] as const;
export type ProblemType = (typeof problemTypes)[number];

/**
 * What is made of a body's rows: logits of classes for each example or each counted token, logits of the vocabulary for the token
 * that follows or the one that is masked, one vector an example, or of each token of an example how likely an answer begins and ends there.
 */
export const headKinds = [
  'sequence-classification',
  'token-classification',
  'causal-lm',
  'masked-lm',
  'embedding',
  'question-answering',
] as const;
export type HeadKind = (typeof headKinds)[number];
