/** What a model can learn to do. */
export const tasks = ['sequence-classification', 'causal-lm'] as const;
export type Task = (typeof tasks)[number];
