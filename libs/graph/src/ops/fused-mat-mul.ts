import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { evaluateProduct, productGradient, productShape, type Product } from './matrix.js';

export interface FusedMatMulAttributes {
  /** 1 = the last two axes of A are exchanged first. */
  transA?: number;
  transB?: number;
  alpha?: number;
}

const productOf = ({ transA = 0, transB = 0, alpha = 1 }: FusedMatMulAttributes): Product => ({
  transA: transA === 1,
  transB: transB === 1,
  alpha,
});

/** α op(A) op(B), batched and broadcast as MatMul. */
export const FusedMatMul: OpDefinition<FusedMatMulAttributes> = {
  domain: 'com.microsoft',
  since: 1,
  inputs: [2, 2],
  outputs: [1, 1],
  types: [{ T: floats }, 'T'],
  attributes: { transA: 'flag', transB: 'flag', alpha: 'float' },
  infer: (context) => [
    { dtype: context.input(0).dtype, shape: productShape(context, productOf(context.attributes)) },
  ],
  evaluate: ({ input, attributes }) => [evaluateProduct(input(0), input(1), productOf(attributes))],
  gradient: (context) => productGradient(context, productOf(context.attributes)),
};
