import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import { sameAsInput } from './elementwise.js';
import { logSoftmaxLine, mapLines } from './rows.js';

export interface LogSoftmaxAttributes {
  axis?: number;
}

export const LogSoftmax: OpDefinition<LogSoftmaxAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 1],
  outputs: [1, 1],
  types: [floats],
  attributes: { axis: 'axis' },
  infer: sameAsInput,
  evaluate: ({ input, attributes: { axis = -1 } }) => [mapLines(input(0), axis, logSoftmaxLine)],
  // dx = dy − e^y Σ dy
  gradient: ({ g, dy, output, attributes: { axis = -1 } }) => [
    () => {
      const total = g.op('ReduceSum', [dy, g.int64s(axis)], { keepdims: 1 });
      return g.op('Sub', [dy, g.op('Mul', [g.op('Exp', [output(0)]), total])]);
    },
  ],
};
