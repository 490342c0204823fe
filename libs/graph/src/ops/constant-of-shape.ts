import type { DataType } from '../onnx/types.js';
import { sizeOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { int64 } from './element-types.js';

export interface ConstantOfShapeAttributes {
  /** Together they are ONNX's one-element tensor attribute `value`. */
  dtype: DataType;
  value: number;
}

export const ConstantOfShape: OpDefinition<ConstantOfShapeAttributes> = {
  domain: '',
  since: 21,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [int64],
  attributes: { dtype: 'required dtype', value: 'required float' },
  infer: (context) => [
    {
      dtype: context.attributes.dtype,
      shape: context.content(0) ?? context.fail('the shape must be known'),
    },
  ],
  evaluate: ({ input, attributes: { dtype, value } }) => {
    const shape = Array.from(input(0).data);
    return [{ dtype, shape, data: new Float64Array(sizeOf(shape)).fill(value) }];
  },
  gradient: 'none',
};
