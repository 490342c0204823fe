import { describe, expect, test } from 'vitest';
import { isFloat } from '../onnx/types.js';
import { evaluateGraph, type Feed } from '../reference/evaluate.js';
import { builtCase, differentiableOutputs, feedsOf, gradientCase } from './case-graph.js';
import { cases, numbers, type OpCase } from './cases.js';
import { ops, type OpName } from './index.js';

/** Central differences in float64: the error is O(h²) of truncation plus O(ε/h) of rounding, about 1e-9 here. */
const STEP = 1e-5;
const TOLERANCE = 1e-6;

/** Σ over the outputs of output ∘ weight: a scalar with a different slope for every element. */
function weightedSum(
  outputs: Record<string, { data: Float64Array }>,
  differentiable: readonly string[],
): number {
  let sum = 0;
  for (const [k, name] of differentiable.entries()) {
    const weights = numbers(outputs[name]!.data.length, 100 + k);
    outputs[name]!.data.forEach((y, i) => (sum += y * weights[i]!));
  }
  return sum;
}

const analytic = (op: OpName, one: OpCase, index: number): Feed | undefined => {
  const graph = gradientCase(op, one, index);
  return graph && evaluateGraph(graph, feedsOf(one))['gradient']!;
};

function numeric(op: OpName, one: OpCase, index: number): number[] {
  const graph = builtCase(op, one);
  const names = differentiableOutputs(op, graph.outputs).map((i) => `y${i}`);
  const input = one.inputs[index]!;
  const at = (element: number, delta: number) => {
    const data = input.data.map((x, i) => (i === element ? x + delta : x));
    return weightedSum(evaluateGraph(graph, { ...feedsOf(one), [`x${index}`]: { ...input, data } }), names);
  };
  return input.data.map((_, i) => (at(i, STEP) - at(i, -STEP)) / (2 * STEP));
}

describe.each(Object.entries(cases) as [OpName, readonly OpCase[]][])('%s', (op, table) => {
  test.each(table.filter((one) => !one.noGradient))('gradient: $title', (one) => {
    let compared = 0;
    one.inputs.forEach((input, index) => {
      if (!input || input.constant || !isFloat(input.dtype)) return;
      const expected = numeric(op, one, index);
      const found = analytic(op, one, index);
      if (!found) {
        // 'none' must mean that nothing changes.
        expect(Math.max(...expected.map(Math.abs))).toBeLessThan(TOLERANCE);
        return;
      }
      compared++;
      expect(found.shape).toEqual(input.shape);
      Array.from(found.data as Float64Array).forEach((x, i) => {
        const scale = Math.max(1, Math.abs(expected[i]!));
        expect(Math.abs(x - expected[i]!), `input ${index}[${i}]: ${x} for ${expected[i]}`).toBeLessThan(
          TOLERANCE * scale,
        );
      });
    });
    if (ops[op].gradient !== 'none' && isFloat(builtCase(op, one).outputs[0]!.dtype)) {
      const floats = one.inputs.filter((input) => input && !input.constant && isFloat(input.dtype));
      expect(compared).toBe(floats.length);
    }
  });
});
