import type { TemperError } from '@temper/contracts';
import { describe, expect, test } from 'vitest';
import { compileEvaluation, compileGradients } from './compile.js';
import { crossEntropyLoss } from './losses/cross-entropy.js';
import { GraphBuilder } from './onnx/builder.js';
import type { Graph, Value } from './onnx/types.js';
import { numbers } from './ops/cases.js';
import { evaluateGraph, type Feed } from './reference/evaluate.js';

const VOCABULARY = 7;
const HIDDEN = 4;

/** One gated layer with a normalisation, a causal attention of one head and a tied head: every kind of edge in little. */
function tinyLanguageModel(): Graph {
  const g = new GraphBuilder('tiny');
  const ids = g.input('input_ids', 'int32', ['batch', 'sequence']);
  const positions = g.input('label_positions', 'int32', ['counted']);
  let seed = 0;
  const weight = (name: string, ...shape: number[]) => {
    const data = Float32Array.from(
      numbers(
        shape.reduce((a, b) => a * b),
        ++seed,
        -0.7,
        0.7,
      ),
    );
    return g.initializer(name, 'float32', shape, { kind: 'inline', data });
  };
  const linear = (x: Value, w: Value) => g.op('FusedMatMul', [x, w], { transB: 1 });
  const embedding = weight('embedding', VOCABULARY, HIDDEN);
  const x = g.op('Gather', [embedding, ids]);
  const normal = g.op('SimplifiedLayerNormalization', [x, weight('norm', HIDDEN)], { epsilon: 1e-5 });
  const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(normal, weight(name, HIDDEN, HIDDEN))) as [
    Value,
    Value,
    Value,
  ];
  const attention = g.op('Softmax', [g.op('FusedMatMul', [q, k], { transB: 1, alpha: 0.5 })], { axis: -1 });
  const middle = g.op('Add', [x, g.op('MatMul', [attention, v])]);
  const gate = g.op('QuickGelu', [linear(middle, weight('gate', 6, HIDDEN))], { alpha: 1 });
  const last = g.op('Add', [middle, linear(gate, weight('down', HIDDEN, 6))]);
  const rows = g.op('Gather', [g.op('Reshape', [last, g.int64s(-1, HIDDEN)]), positions]);
  g.output(linear(rows, embedding), 'logits');
  return g.build();
}

const feeds: Record<string, Feed> = {
  input_ids: { shape: [2, 3], data: [1, 4, 2, 0, 4, 6] },
  label_positions: { shape: [4], data: [0, 1, 4, 5] },
  labels: { shape: [4], data: [4, 2, 6, 3] },
};

const parametersOf = (graph: Graph, names: readonly string[]): Record<string, Feed> =>
  Object.fromEntries(
    names.map((name) => {
      const { value, data } = graph.initializers.get(name)!;
      return [name, { shape: value.shape as number[], data: (data as { data: Float32Array }).data }];
    }),
  );

describe('compile', () => {
  const forward = tinyLanguageModel();
  const all = [...forward.initializers.values()]
    .map(({ value }) => value)
    .filter((v) => v.dtype === 'float32');
  const trainable = all.map((value) => value.name);
  const input = { forward, loss: crossEntropyLoss('correct'), trainable };
  const compiled = {
    grad: compileGradients(input),
    evaluate: compileEvaluation(input),
    parameters: all.map(({ name, shape }) => ({ name, shape: shape as number[] })),
  };
  const values = { ...feeds, ...parametersOf(forward, trainable) };

  test('inputs and outputs are the contract', () => {
    expect(compiled.grad.inputs.map((input) => input.name).sort()).toEqual(Object.keys(values).sort());
    expect(compiled.grad.outputs.map((output) => output.name)).toEqual([
      'loss_sum',
      ...trainable.map((name) => `grad:${name}`),
    ]);
    expect(compiled.evaluate.outputs.map((output) => output.name)).toEqual(['loss_sum', 'losses', 'correct']);
  });

  test('the gradients of the whole graph agree with central differences, a tied weight included', () => {
    const lossAt = (change: Record<string, Feed>) =>
      evaluateGraph(compiled.evaluate, { ...values, ...change })['loss_sum']!.data[0]!;
    const outputs = evaluateGraph(compiled.grad, values);
    expect(outputs['loss_sum']!.data[0]).toBeCloseTo(lossAt({}), 10);
    for (const { name, shape } of compiled.parameters) {
      const before = Array.from(values[name]!.data as ArrayLike<number>);
      before.forEach((_, element) => {
        const at = (delta: number) =>
          lossAt({ [name]: { shape, data: before.map((x, i) => (i === element ? x + delta : x)) } });
        const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(outputs[`grad:${name}`]!.data[element], `${name}[${element}]`).toBeCloseTo(expected, 6);
      });
    }
  });

  test('evaluation counts correct predictions', () => {
    const g = new GraphBuilder('given');
    const weight = g.initializer('w', 'float32', [3, 3], {
      kind: 'inline',
      data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    });
    g.output(g.op('MatMul', [g.input('x', 'float32', ['counted', 3]), weight]), 'logits');
    const evaluate = compileEvaluation({
      forward: g.build(),
      loss: crossEntropyLoss('correct'),
      trainable: ['w'],
    });
    const out = evaluateGraph(evaluate, {
      x: { shape: [2, 3], data: [0, 5, 0, 1, 0, 0] },
      w: { shape: [3, 3], data: [1, 0, 0, 0, 1, 0, 0, 0, 1] },
      labels: { shape: [2], data: [1, 2] },
    });
    expect(out['correct']!.data[0]).toBe(1);
    // −ln softmax: ln(e⁵ + 2) − 5 and ln(e + 2) − 0
    expect(out['loss_sum']!.data[0]).toBeCloseTo(Math.log(Math.exp(5) + 2) - 5 + Math.log(Math.E + 2), 12);
  });

  test('below the lowest trainable value nothing is computed', () => {
    const grad = compileGradients({ forward, loss: crossEntropyLoss('correct'), trainable: ['down'] });
    const backward = grad.nodes.slice(grad.nodes.findIndex((node) => node.op === 'LogSoftmax'));
    // logits → rows → last → down: no gradient of the gate, the attention or the embedding
    expect(backward.filter((node) => node.op === 'FusedMatMul').length).toBe(2);
    expect(backward.some((node) => node.op === 'Sigmoid')).toBe(false);
    expect(grad.nodes.find((node) => node.op === 'SimplifiedLayerNormalization')!.outputs.length).toBe(1);
  });

  test('an operator without a gradient is named with its node', () => {
    const g = new GraphBuilder('unsupported');
    const scale = g.initializer('scale', 'float32', [2], { kind: 'inline', data: Float32Array.of(0, 1) });
    const ids = g.input('ids', 'int64', ['batch']);
    g.output(g.op('OneHot', [ids, g.scalar('int64', 3), scale], {}, { name: 'classes' }), 'logits');
    const run = () =>
      compileGradients({ forward: g.build(), loss: crossEntropyLoss('logits'), trainable: ['scale'] });
    expect(run).toThrow(
      expect.objectContaining({
        code: 'OP_UNSUPPORTED',
        problems: [expect.objectContaining({ path: 'OneHot classes' })],
      }) as Error,
    );
  });

  test('names that are no weights are all reported', () => {
    try {
      compileGradients({
        forward,
        loss: crossEntropyLoss('correct'),
        trainable: ['down', 'nowhere', 'input_ids'],
      });
      expect.unreachable();
    } catch (error) {
      expect((error as TemperError).problems.map((problem) => problem.path)).toEqual([
        'nowhere',
        'input_ids',
      ]);
    }
  });

  test('a parameter that the loss does not depend on is an error', () => {
    const g = new GraphBuilder('unused');
    const w = g.initializer('w', 'float32', [2, 2], { kind: 'inline', data: new Float32Array(4) });
    g.initializer('unused', 'float32', [2], { kind: 'inline', data: new Float32Array(2) });
    g.output(g.op('MatMul', [g.input('x', 'float32', ['batch', 2]), w]), 'logits');
    const run = () =>
      compileGradients({ forward: g.build(), loss: crossEntropyLoss('logits'), trainable: ['w', 'unused'] });
    expect(run).toThrow(/unused: the loss does not depend on it/);
  });
});
