/** The reference evaluator, and with it every operator's inference, against ONNX Runtime: it is the oracle of all gradient checks. */
import { evaluateGraph, ops, type OpName } from '@temper/graph';
import { builtCase, feedsOf, gradientCase } from '@temper/graph/ops/case-graph';
import { cases, type OpCase } from '@temper/graph/ops/cases';
import { describe, test } from 'vitest';
import { expectEqual, runOnOnnxRuntime } from './run.js';

describe.each(Object.entries(cases) as [OpName, readonly OpCase[]][])('%s', (op, table) => {
  test.each(table)('$title', async (one) => {
    const graph = builtCase(op, one);
    expectEqual(await runOnOnnxRuntime(graph, feedsOf(one)), evaluateGraph(graph, feedsOf(one)));
  });

  const differentiable = table.filter((one) => !one.noGradient && ops[op].gradient !== 'none');
  test.skipIf(differentiable.length === 0)('its gradients run', async () => {
    for (const one of differentiable)
      for (const [index, input] of one.inputs.entries()) {
        if (!input || input.constant || input.dtype !== 'float32') continue;
        const graph = gradientCase(op, one, index);
        if (graph)
          expectEqual(await runOnOnnxRuntime(graph, feedsOf(one)), evaluateGraph(graph, feedsOf(one)));
      }
  });
});
