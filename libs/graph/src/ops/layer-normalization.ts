import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import {
  evaluateNormalization,
  inferNormalization,
  normalizationGradient,
  type NormalizationAttributes,
} from './normalization.js';

/** Over the last axis; outputs y, mean, inverse standard deviation. */
export const LayerNormalization: OpDefinition<NormalizationAttributes> = {
  domain: '',
  since: 17,
  inputs: [2, 3],
  outputs: [1, 3],
  types: [{ T: floats }, 'T', 'T'],
  attributes: { axis: 'axis', epsilon: 'float' },
  saves: 3,
  infer: (context) => inferNormalization(context, 2),
  evaluate: (context) => {
    const { y, mean, inverse } = evaluateNormalization(context, true);
    return [y, mean, inverse];
  },
  gradient: (context) => {
    const { g, dy, input, output } = context;
    const normalized = () => g.op('Mul', [g.op('Sub', [input(0), output(1)]), output(2)]);
    return [
      () => normalizationGradient(context, normalized(), output(2), true),
      () => g.op('Mul', [dy, normalized()]),
      () => dy,
    ];
  },
};
