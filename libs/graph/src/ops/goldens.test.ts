/** Values and gradients against PyTorch in float64 (goldens/make_goldens.py). */
import { expect, test } from 'vitest';
import { differentiate } from '../autodiff/differentiate.js';
import { crossEntropy } from '../losses/cross-entropy.js';
import { GraphBuilder } from '../onnx/builder.js';
import { definitionOf } from '../onnx/infer.js';
import type { DataType, Value } from '../onnx/types.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { sizeOf } from '../reference/tensor.js';
import entropy from './goldens/cross-entropy.json' with { type: 'json' };
import further from './goldens/further-operators.json' with { type: 'json' };
import operators from './goldens/operators.json' with { type: 'json' };
import type { OpName } from './index.js';

const close = (found: ArrayLike<number>, expected: readonly number[], what: string) => {
  expect(found.length, what).toBe(expected.length);
  // ε and α are the only float32 numbers on the way.
  expected.forEach((x, i) =>
    expect(Math.abs(found[i]! - x), `${what}[${i}]`).toBeLessThan(1e-7 * Math.max(1, Math.abs(x))),
  );
};

interface GoldenInput {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly constant?: boolean;
}

test.each([...operators, ...further].map((one, i) => ({ ...one, title: `${one.op} ${i}` })))(
  '$title',
  ({ op, inputs, attributes, y, dy, gradients }) => {
    const g = new GraphBuilder(op);
    const values = (inputs as GoldenInput[]).map(({ dtype, shape, data, constant }, i) =>
      constant ? g.constant(dtype as DataType, shape, data) : g.input(`x${i}`, dtype as DataType, shape),
    );
    const outputs = definitionOf(op as OpName).saves ?? 1;
    const results = g.ops(op as OpName, values, attributes as never, outputs);
    const node = g.build().nodes.at(-1)!;
    const wanted = values.filter((_, i) => gradients[i]);
    const seeds = new Map([[results[0]!, g.input('dy', 'float32', y.shape)]]);
    const found = differentiate({ g, nodes: [node], seeds, wanted });
    g.output(results[0]!, 'y');
    const zeros = (value: Value) =>
      g.constant('float32', value.shape as number[], new Array(sizeOf(value.shape as number[])).fill(0));
    values.forEach((value, i) => gradients[i] && g.output(found.get(value) ?? zeros(value), `gradient${i}`));
    const feeds = Object.fromEntries(inputs.map((input, i) => [`x${i}`, input]));
    const out = evaluateGraph(g.build(), { ...feeds, dy: { shape: y.shape, data: dy } });
    close(out['y']!.data, y.data, 'y');
    gradients.forEach(
      (gradient, i) => gradient && close(out[`gradient${i}`]!.data, gradient, `gradient of input ${i}`),
    );
  },
);

test('cross-entropy', () => {
  const g = new GraphBuilder('loss');
  const { lossSum, dLogits } = crossEntropy(
    g,
    g.input('logits', 'float32', entropy.shape),
    g.input('labels', 'int32', [5]),
  );
  g.output(lossSum, 'loss');
  g.output(dLogits, 'gradient');
  const out = evaluateGraph(g.build(), {
    logits: { shape: entropy.shape, data: entropy.logits },
    labels: { shape: [5], data: entropy.labels },
  });
  close(out['loss']!.data, [entropy.loss], 'loss');
  close(out['gradient']!.data, entropy.gradient, 'gradient');
});
