import { broadcastShapes, formatShape, sameShape } from '../onnx/dims.js';
import { broadcastStrides, dot, forEachIndex } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { scalarLike } from './gradients.js';
import { evaluateProduct, productGradient, productShape, type Product } from './matrix.js';

export interface GemmAttributes {
  transA?: number;
  transB?: number;
  alpha?: number;
  beta?: number;
}

const productOf = ({ transA = 0, transB = 0, alpha = 1 }: GemmAttributes): Product => ({
  transA: transA === 1,
  transB: transB === 1,
  alpha,
});

/** α op(A) op(B) + β C of matrices. */
export const Gemm: OpDefinition<GemmAttributes> = {
  domain: '',
  since: 13,
  inputs: [2, 3],
  outputs: [1, 1],
  types: [{ T: floats }, 'T', 'T'],
  attributes: { transA: 'flag', transB: 'flag', alpha: 'float', beta: 'float' },
  infer: (context) => {
    const shape = productShape(context, productOf(context.attributes));
    if (shape.length !== 2) context.fail('operands must be matrices', { found: formatShape(shape) });
    const c = context.inputs[2];
    if (c && !sameShape(broadcastShapes(c.shape, shape) ?? [], shape))
      context.fail('C does not broadcast', { found: formatShape(c.shape), allowed: formatShape(shape) });
    return [{ dtype: context.input(0).dtype, shape }];
  },
  evaluate: ({ input, inputs, attributes }) => {
    const product = evaluateProduct(input(0), input(1), productOf(attributes));
    const c = inputs[2];
    if (!c) return [product];
    const strides = broadcastStrides(c.shape, product.shape);
    const data = product.data.slice();
    forEachIndex(product.shape, (flat, index) => {
      data[flat]! += (attributes.beta ?? 1) * c.data[dot(index, strides)]!;
    });
    return [{ ...product, data }];
  },
  gradient: (context) => {
    const { g, dy, attributes } = context;
    const beta = attributes.beta ?? 1;
    return [
      ...productGradient(context, productOf(attributes)),
      () => (beta === 1 ? dy : g.op('Mul', [dy, scalarLike(g, dy, beta)])),
    ];
  },
};
