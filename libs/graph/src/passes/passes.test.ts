import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph, Value } from '../onnx/types.js';
import { numbers } from '../ops/cases.js';
import type { OpName } from '../ops/index.js';
import { evaluateGraph, type Feed } from '../reference/evaluate.js';
import { shareCommonSubexpressions } from './common-subexpressions.js';
import { removeDeadCode } from './dead-code.js';
import { avoidTransposedOperands } from './transposed-products.js';

const operators = (graph: Graph): OpName[] => graph.nodes.map((node) => node.op);
const random = (shape: number[], seed: number): Feed => ({
  shape,
  data: numbers(
    shape.reduce((a, b) => a * b),
    seed,
  ),
});

function built(make: (g: GraphBuilder) => Value[]): Graph {
  const g = new GraphBuilder('graph');
  make(g).forEach((value, i) => g.output(value, `out${i}`));
  return g.build();
}

describe('dead code', () => {
  test('what no output needs goes, inputs stay, unneeded last outputs of a normalisation go', () => {
    const graph = built((g) => {
      const x = g.input('x', 'float32', [2, 3]);
      g.input('unused', 'float32', [1]);
      g.op('Exp', [g.op('Neg', [x])]);
      g.initializer('dead', 'float32', [1], { kind: 'inline', data: Float32Array.of(1) });
      const scale = g.constant('float32', [3], [1, 1, 1]);
      return [g.ops('LayerNormalization', [x, scale], {}, 3)[0]!];
    });
    const after = removeDeadCode(graph);
    expect(operators(after)).toEqual(['LayerNormalization']);
    expect(after.nodes[0]!.outputs.length).toBe(1);
    expect(after.inputs.map((input) => input.name)).toEqual(['x', 'unused']);
    expect(after.initializers.has('dead')).toBe(false);
  });

  test('an output in front of a needed one stays', () => {
    const graph = built((g) => {
      const x = g.input('x', 'float32', [2, 3]);
      return [g.ops('LayerNormalization', [x, g.constant('float32', [3], [1, 1, 1])], {}, 3)[1]!];
    });
    expect(removeDeadCode(graph).nodes[0]!.outputs.length).toBe(2);
  });
});

describe('common subexpressions', () => {
  test('chains are shared; other attributes are not; both outputs keep their names', () => {
    const graph = built((g) => {
      const x = g.input('x', 'float32', [2, 3]);
      const row = (axis: number) => g.op('Softmax', [g.op('Neg', [x])], { axis });
      return [g.op('Add', [row(1), row(1)]), row(0)];
    });
    const after = shareCommonSubexpressions(graph);
    expect(operators(after)).toEqual(['Neg', 'Softmax', 'Add', 'Softmax']);
    expect(after.outputs.map((output) => output.name)).toEqual(['out0', 'out1']);
    const feeds = { x: random([2, 3], 1) };
    expect(evaluateGraph(after, feeds)).toEqual(evaluateGraph(graph, feeds));
  });
});

describe('transposed operands', () => {
  const check = (graph: Graph, feeds: Record<string, Feed>, expected: OpName[]) => {
    const after = removeDeadCode(avoidTransposedOperands(graph));
    expect(operators(after)).toEqual(expected);
    const [before, now] = [evaluateGraph(graph, feeds), evaluateGraph(after, feeds)];
    for (const [name, { shape, data }] of Object.entries(before)) {
      expect(now[name]!.shape).toEqual(shape);
      data.forEach((x, i) => expect(now[name]!.data[i]).toBeCloseTo(x, 10));
    }
    return after;
  };

  test('a following Transpose takes in the other', () => {
    const graph = built((g) => {
      const p = g.input('p', 'float32', ['batch', 2, 'sequence', 'sequence']);
      const dy = g.input('dy', 'float32', ['batch', 2, 'sequence', 3]);
      const product = g.op('FusedMatMul', [p, dy], { transA: 1, alpha: 0.5 });
      return [g.op('Transpose', [product], { perm: [0, 2, 1, 3] })];
    });
    const feeds = { p: random([2, 2, 5, 5], 1), dy: random([2, 2, 5, 3], 2) };
    const after = check(graph, feeds, ['FusedMatMul', 'Transpose']);
    expect(after.nodes[0]!.inputs.map((input) => input!.name)).toEqual(['dy', 'p']);
    expect(after.nodes[1]!.attributes).toEqual({ perm: [0, 3, 1, 2] });
  });

  test('a much wider operand is not transposed', () => {
    const graph = built((g) => [
      g.op('FusedMatMul', [g.input('dy', 'float32', ['n', 32]), g.input('h', 'float32', ['n', 4])], {
        transA: 1,
      }),
    ]);
    check(graph, { dy: random([3, 32], 1), h: random([3, 4], 2) }, ['FusedMatMul', 'Transpose']);
  });

  test('matrices of like widths stay, products that are outputs themselves too', () => {
    const graph = built((g) => {
      const a = g.input('a', 'float32', ['n', 6]);
      const product = g.op('FusedMatMul', [a, g.input('b', 'float32', ['n', 4])], { transA: 1 });
      return [product, g.op('Transpose', [product], { perm: [1, 0] })];
    });
    check(graph, { a: random([3, 6], 1), b: random([3, 4], 2) }, ['FusedMatMul', 'Transpose']);
  });
});
