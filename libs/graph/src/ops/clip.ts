import { formatShape } from '../onnx/dims.js';
import type { NoAttributes, OpDefinition } from './definition.js';
import { numbers } from './element-types.js';
import { sameAsInput } from './elementwise.js';
import { scalarLike } from './gradients.js';

/** min and max are optional scalars. The gradient passes where min ≤ x ≤ max. */
export const Clip: OpDefinition<NoAttributes> = {
  domain: '',
  since: 13,
  inputs: [1, 3],
  outputs: [1, 1],
  types: [{ T: numbers }, 'T', 'T'],
  attributes: {},
  elementwise: true,
  infer: (context) => {
    for (const bound of context.inputs.slice(1))
      if (bound && bound.shape.length !== 0)
        context.fail('a bound is no scalar', { found: `${bound.name} ${formatShape(bound.shape)}` });
    return sameAsInput(context);
  },
  evaluate: ({ input, inputs }) => {
    const low = inputs[1]?.data[0] ?? -Infinity;
    const high = inputs[2]?.data[0] ?? Infinity;
    return [{ ...input(0), data: input(0).data.map((x) => Math.min(Math.max(x, low), high)) }];
  },
  gradient: ({ g, dy, input, hasInput }) => [
    () => {
      const zero = scalarLike(g, dy, 0);
      let dx = dy;
      if (hasInput(1)) dx = g.op('Where', [g.op('GreaterOrEqual', [input(0), input(1)]), dx, zero]);
      if (hasInput(2)) dx = g.op('Where', [g.op('LessOrEqual', [input(0), input(2)]), dx, zero]);
      return dx;
    },
    'none',
    'none',
  ],
};
