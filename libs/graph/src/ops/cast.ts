import { isFloat, type DataType } from '../onnx/types.js';
import type { OpDefinition } from './definition.js';
import { anyType } from './element-types.js';

export interface CastAttributes {
  to: DataType;
}

export const Cast: OpDefinition<CastAttributes> = {
  domain: '',
  since: 19,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [anyType],
  attributes: { to: 'required dtype' },
  infer: (context) => [
    { dtype: context.attributes.to, shape: context.input(0).shape, content: context.content(0) },
  ],
  evaluate: ({ input, attributes: { to } }) => {
    const { shape, data } = input(0);
    const convert =
      to === 'bool' ? (x: number) => (x === 0 ? 0 : 1) : isFloat(to) ? (x: number) => x : Math.trunc;
    return [{ dtype: to, shape, data: data.map(convert) }];
  },
  gradient: ({ g, dy, input }) => [
    isFloat(input(0).dtype) && isFloat(dy.dtype) ? () => g.op('Cast', [dy], { to: input(0).dtype }) : 'none',
  ],
};
