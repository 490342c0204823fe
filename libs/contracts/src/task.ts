/** What a model can learn to do. */
export const tasks = ['sequence-classification', 'causal-lm'] as const;
export type Task = (typeof tasks)[number];

/**
 * What is made of a body's rows: logits of classes for each example or each counted token, logits of the vocabulary for the token
 * that follows or the one that is masked, or one vector an example.
 */
export const headKinds = [
  'sequence-classification',
  'token-classification',
  'causal-lm',
  'masked-lm',
  'embedding',
] as const;
export type HeadKind = (typeof headKinds)[number];
