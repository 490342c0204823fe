import type { HeadKind } from '../family.js';

/** transformers' classes of an encoder that has one for every kind of head. */
export const encoderClasses = (name: string): Readonly<Record<Exclude<HeadKind, 'causal-lm'>, string>> => ({
  'sequence-classification': `${name}ForSequenceClassification`,
  'token-classification': `${name}ForTokenClassification`,
  'masked-lm': `${name}ForMaskedLM`,
  embedding: `${name}Model`,
  'question-answering': `${name}ForQuestionAnswering`,
});

/** Positions and token types that transformers kept among the weights. */
export const isBuffer = (name: string): boolean => /(^|\.)(position_ids|token_type_ids)$/.test(name);

/** TensorFlow's names of a normalisation's weight and bias are found in old checkpoints. */
export const withoutGamma = (name: string): string =>
  name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
