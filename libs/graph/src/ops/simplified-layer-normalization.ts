import type { OpDefinition } from './definition.js';
import { floats } from './element-types.js';
import {
  evaluateNormalization,
  inferNormalization,
  normalizationGradient,
  type NormalizationAttributes,
} from './normalization.js';

/** RMSNorm over the last axis; outputs y and the inverse root mean square. An operator of ONNX Runtime in ai.onnx. */
export const SimplifiedLayerNormalization: OpDefinition<NormalizationAttributes> = {
  domain: '',
  since: 1,
  inputs: [2, 2],
  outputs: [1, 2],
  types: [{ T: floats }, 'T'],
  attributes: { axis: 'axis', epsilon: 'float' },
  saves: 2,
  infer: (context) => inferNormalization(context, 1),
  evaluate: (context) => {
    const { y, inverse } = evaluateNormalization(context, false);
    return [y, inverse];
  },
  gradient: (context) => {
    const { g, dy, input, output } = context;
    const normalized = () => g.op('Mul', [input(0), output(1)]);
    return [
      () => normalizationGradient(context, normalized(), output(1), false),
      () => g.op('Mul', [dy, normalized()]),
    ];
  },
};
