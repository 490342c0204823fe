import { describe, expect, test } from 'vitest';
import { definitionOf } from '../onnx/infer.js';
import { numbers } from '../ops/cases.js';
import golden from '../ops/goldens/adamw.json' with { type: 'json' };
import { evaluateGraph } from '../reference/evaluate.js';
import { compileOptimizer } from './adamw.js';

describe('AdamW', () => {
  test('five steps equal torch.optim.AdamW in float64', () => {
    const { beta1, beta2, epsilon, learningRate, weightDecay, gradScale, initial, gradients, after } = golden;
    const { apply } = compileOptimizer({ beta1, beta2, epsilon });
    const vector = (data: ArrayLike<number>) => ({ shape: [data.length], data });
    const scalar = (value: number) => ({ shape: [], data: [value] });
    let param: ArrayLike<number> = initial;
    let expAvg: ArrayLike<number> = initial.map(() => 0);
    let expAvgSq: ArrayLike<number> = expAvg;
    gradients.forEach((grad, i) => {
      const out = evaluateGraph(apply, {
        param: vector(param),
        grad: vector(grad),
        exp_avg: vector(expAvg),
        exp_avg_sq: vector(expAvgSq),
        learning_rate: scalar(learningRate),
        weight_decay: scalar(weightDecay),
        grad_scale: scalar(gradScale),
        bias_correction1: scalar(1 - beta1 ** (i + 1)),
        bias_correction2: scalar(1 - beta2 ** (i + 1)),
      });
      [param, expAvg, expAvgSq] = ['new_param', 'new_exp_avg', 'new_exp_avg_sq'].map(
        (name) => out[name]!.data,
      ) as [Float64Array, Float64Array, Float64Array];
      // β, 1 − β and ε are float32 constants of the graph: equal to about 1e-7.
      Array.from(param).forEach((x, k) => expect(Math.abs(x - after[i]![k]!)).toBeLessThan(1e-7));
    });
  });

  test('may run in place: all is elementwise, and an input is read only on the way to the output that may replace it', () => {
    const { apply } = compileOptimizer({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    for (const node of apply.nodes) expect(definitionOf(node.op).elementwise, node.op).toBe(true);
    for (const name of ['param', 'exp_avg', 'exp_avg_sq']) {
      const needed = new Set([apply.values.get(`new_${name}`)!]);
      for (const node of [...apply.nodes].reverse()) {
        const reads = node.inputs.some((input) => input?.name === name);
        const onTheWay = node.outputs.some((output) => needed.has(output));
        // Whatever order the runtime chooses, such a node runs before the output is written.
        if (reads) expect(onTheWay, `${node.name} reads ${name}`).toBe(true);
        if (onTheWay) for (const input of node.inputs) if (input) needed.add(input);
      }
    }
  });

  test('the norm graph sums squares', () => {
    const { norm } = compileOptimizer({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    const values = numbers(10, 1);
    const out = evaluateGraph(norm, { values: { shape: [10], data: values } });
    expect(out['sum_of_squares']!.data[0]).toBeCloseTo(
      values.reduce((sum, x) => sum + x * x, 0),
      10,
    );
  });
});
