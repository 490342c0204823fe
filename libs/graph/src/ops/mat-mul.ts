import type { NoAttributes, OpDefinition } from './definition.js';
import { wideNumbers } from './element-types.js';
import { evaluateProduct, productGradient, productShape } from './matrix.js';

const plain = { transA: false, transB: false, alpha: 1 };

export const MatMul: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: wideNumbers }, 'T'],
  attributes: {},
  infer: (context) => [{ dtype: context.input(0).dtype, shape: productShape(context, plain) }],
  evaluate: ({ input }) => [evaluateProduct(input(0), input(1), plain)],
  gradient: (context) => productGradient(context, plain),
};
