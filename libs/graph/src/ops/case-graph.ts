import { GraphBuilder } from '../onnx/builder.js';
import type { Graph, Value } from '../onnx/types.js';
import type { OpCase } from './cases.js';
import type { OpName } from './index.js';

/** The graph of one case: its inputs are `x0`, `x1`, … (but for constants), its outputs `y0`, `y1`, … */
export function caseGraph(op: OpName, { inputs, attributes, outputs = 1 }: OpCase) {
  const g = new GraphBuilder(op);
  const values = inputs.map((input, i): Value | undefined => {
    if (!input) return undefined;
    return input.constant
      ? g.constant(input.dtype, input.shape, input.data)
      : g.input(`x${i}`, input.dtype, input.shape);
  });
  const results = g.ops(op, values, attributes as never, outputs);
  return { g, values, results };
}

export function builtCase(op: OpName, one: OpCase): Graph {
  const { g, results } = caseGraph(op, one);
  results.forEach((value, i) => g.output(value, `y${i}`));
  return g.build();
}

export const feedsOf = ({ inputs }: OpCase) =>
  Object.fromEntries(inputs.flatMap((input, i) => (input && !input.constant ? [[`x${i}`, input]] : [])));
