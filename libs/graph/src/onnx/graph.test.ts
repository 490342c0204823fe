import { TemperError } from '@temper/contracts';
import { describe, expect, test } from 'vitest';
import { ops } from '../ops/index.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { GraphBuilder } from './builder.js';
import { copyInto } from './copy.js';
import { decodeModel } from './decode.js';
import { encodeModel } from './encode.js';
import { printGraph } from './print.js';
import type { Graph, Node, Value } from './types.js';
import { verify } from './verify.js';

function linearGraph(): Graph {
  const g = new GraphBuilder('linear');
  const x = g.input('x', 'float32', ['batch', 'sequence', 3]);
  const weight = g.initializer('weight', 'float32', [4, 3], {
    kind: 'external',
    location: 'model.safetensors',
    offset: 4096,
    length: 48,
  });
  const bias = g.initializer('bias', 'float32', [4], { kind: 'inline', data: Float32Array.of(1, 2, 3, 4) });
  const y = g.op('Add', [g.op('FusedMatMul', [x, weight], { transB: 1, alpha: 0.5 }), bias]);
  const split = g.op('Reshape', [y, g.int64s(0, 0, 2, -1)]);
  g.output(g.op('Transpose', [split], { perm: [0, 2, 1, 3] }), 'heads');
  return g.build();
}

const problemsOf = (body: () => unknown): string[] => {
  try {
    body();
  } catch (error) {
    if (error instanceof TemperError && error.code === 'GRAPH_INVALID')
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
};

describe('builder', () => {
  test('shapes stay symbolic through reshapes', () => {
    const graph = linearGraph();
    expect(graph.outputs[0]).toMatchObject({ name: 'heads', shape: ['batch', 2, 'sequence', 2] });
  });

  test('a shape computed from a shape is followed', () => {
    const g = new GraphBuilder('shapes');
    const x = g.input('x', 'float32', ['batch', 'sequence', 6]);
    const sequence = g.op('Gather', [g.op('Shape', [x]), g.int64s(1)]);
    const target = g.op('Concat', [g.int64s(-1), g.op('Mul', [sequence, g.int64s(2)]), g.int64s(3)], {
      axis: 0,
    });
    expect(g.op('Reshape', [x, target]).shape).toEqual(['batch', '2*sequence', 3]);
  });

  test('equal constants are one initializer, names are unique, scopes prefix them', () => {
    const g = new GraphBuilder('names');
    expect(g.scalar('float32', 2)).toBe(g.scalar('float32', 2));
    expect(g.scalar('float32', 0)).not.toBe(g.scalar('float32', -0));
    const x = g.input('x', 'float32', [1]);
    const [a, b] = g.scope('layers.0', () => [g.op('Neg', [x]), g.op('Neg', [x])]);
    expect([a!.name, b!.name]).toEqual(['layers.0/Neg', 'layers.0/Neg_1']);
    expect(() => g.input('x', 'float32', [1])).toThrow(/two values of one name/);
    const [first, second] = [1, 2].map(() =>
      g.ops('Split', [g.int64s(1, 2), g.int64s(1, 1)], { axis: 0 }, 2),
    );
    expect([...first!, ...second!].map(({ name }) => name)).toEqual([
      'Split.0',
      'Split.1',
      'Split_1.0',
      'Split_1.1',
    ]);
  });

  test('one value can be output twice, and an input can be an output', () => {
    const g = new GraphBuilder('outputs');
    const x = g.input('x', 'float32', [2]);
    const y = g.op('Neg', [x]);
    for (const [value, name] of [
      [y, 'a'],
      [y, 'b'],
      [x, 'c'],
    ] as const)
      g.output(value, name);
    const out = evaluateGraph(g.build(), { x: { shape: [2], data: [1, -2] } });
    expect(Object.values(out).map((t) => Array.from(t.data))).toEqual([
      [-1, 2],
      [-1, 2],
      [1, -2],
    ]);
  });

  test('mistakes are reported where they are made, with operator and node', () => {
    const g = new GraphBuilder('mistakes');
    const x = g.input('x', 'float32', ['batch', 3]);
    const other = new GraphBuilder('other').input('x', 'float32', [3]);
    expect(problemsOf(() => g.op('MatMul', [x, x], {}, { name: 'product' }))[0]).toMatch(
      /^MatMul product: shapes do not fit/,
    );
    expect(problemsOf(() => g.op('Add', [x, g.scalar('int64', 1)]))[0]).toMatch(
      /input 1 .const. has a wrong type/,
    );
    expect(problemsOf(() => g.op('Add', [x, other]))[0]).toMatch(/belongs to another graph/);
    expect(problemsOf(() => g.op('Add', [x]))[0]).toMatch(/wrong number of inputs/);
    expect(problemsOf(() => g.op('Neg', [x], { axis: 1 } as never))[0]).toMatch(/unknown attribute axis/);
    expect(problemsOf(() => g.op('Reshape', [x, g.int64s(2, 2)]))[0]).toMatch(/cannot be reshaped/);
  });
});

describe('verifier', () => {
  const broken = (change: (graph: Graph) => Partial<Graph>): string[] => {
    const graph = linearGraph();
    return problemsOf(() => verify({ ...graph, ...change(graph) }));
  };
  const withNode = (graph: Graph, index: number, change: (node: Node) => object) => ({
    nodes: graph.nodes.map((node, i) => (i === index ? ({ ...node, ...change(node) } as Node) : node)),
  });

  test('accepts what the builder makes', () => expect(broken(() => ({}))).toEqual([]));

  test.each<[string, (graph: Graph) => Partial<Graph>, RegExp]>([
    [
      'a value used before it is made',
      (g) => ({ nodes: [...g.nodes].reverse() }),
      /uses .* before it is made/,
    ],
    ['a missing node', (g) => ({ nodes: g.nodes.slice(0, -1) }), /heads: is an output but is never made/],
    [
      'a changed attribute',
      (g) => withNode(g, 0, () => ({ attributes: { transB: 0 } })),
      /FusedMatMul.*shapes do not fit/,
    ],
    [
      'a wrong type',
      (g) => withNode(g, 1, (n) => ({ outputs: [{ ...n.outputs[0]!, shape: [1] }] })),
      /Add.*wrong type of output 0/,
    ],
    ['a name made twice', (g) => ({ inputs: [...g.inputs, ...g.inputs] }), /x: two values of one name/],
    [
      'data of a wrong length',
      (g) => {
        const { value } = g.initializers.get('bias')!;
        const initializer = { value, data: { kind: 'inline' as const, data: new Float32Array(3) } };
        return { initializers: new Map([...g.initializers, ['bias', initializer]]) };
      },
      /bias: inline data of a wrong length/,
    ],
  ])('refuses %s', (_, change, message) => {
    expect(broken(change).join('\n')).toMatch(message);
  });

  test('reports every broken rule at once', () => {
    expect(broken((g) => ({ nodes: g.nodes.slice(0, -1), inputs: [...g.inputs, ...g.inputs] })).length).toBe(
      2,
    );
  });
});

describe('file format', () => {
  test('a graph survives encoding and decoding', () => {
    const graph = linearGraph();
    const bytes = encodeModel(graph);
    const again = decodeModel(bytes);
    expect(printGraph(again)).toBe(printGraph(graph));
    expect(again.initializers.get('weight')!.data).toEqual(graph.initializers.get('weight')!.data);
    expect(encodeModel(again)).toEqual(bytes);
  });

  test('every kind of attribute and element type survives', () => {
    const g = new GraphBuilder('kinds');
    const x = g.input('x', 'int32', ['n']);
    const zeros = g.op('ConstantOfShape', [g.op('Shape', [x])], { dtype: 'int64', value: -3 });
    const cast = g.op('Cast', [x], { to: 'int64' });
    const sum = g.op('ScatterElements', [zeros, cast, cast], { axis: -1, reduction: 'add' });
    g.output(g.op('Where', [g.constant('bool', [1], [1]), sum, g.scalar('int64', -(2 ** 40))]), 'y');
    const graph = g.build();
    expect(printGraph(decodeModel(encodeModel(graph)))).toBe(printGraph(graph));
  });

  test('garbage and unknown operators are told apart', () => {
    expect(() => decodeModel(Uint8Array.of(255, 255, 255))).toThrow(
      expect.objectContaining({ code: 'MODEL_CORRUPT' }) as Error,
    );
    const text = Buffer.from(encodeModel(linearGraph())).toString('latin1');
    const renamed = Buffer.from(text.replaceAll('Transpose', 'Transmute'), 'latin1');
    expect(() => decodeModel(renamed)).toThrow(
      expect.objectContaining({
        code: 'OP_UNSUPPORTED',
        message: expect.stringContaining('Transmute'),
      }) as Error,
    );
  });
});

test('the printer shows a line a node', () => {
  expect(printGraph(linearGraph())).toBe(`graph linear (
  %x: float32[batch, sequence, 3],
) {
  %weight: float32[4, 3] = external "model.safetensors" 4096+48
  %bias: float32[4] = [1, 2, 3, 4]
  %const: int64[4] = [0, 0, 2, -1]
  %FusedMatMul: float32[batch, sequence, 4] = FusedMatMul(%x, %weight) {transB=1, alpha=0.5}
  %Add: float32[batch, sequence, 4] = Add(%FusedMatMul, %bias)
  %Reshape: float32[batch, sequence, 2, 2] = Reshape(%Add, %const)
  %heads: float32[batch, 2, sequence, 2] = Transpose(%Reshape) {perm=[0,2,1,3]}
  return %heads
}`);
});

test('a rewrite replaces nodes and keeps all other names', () => {
  const graph = linearGraph();
  const g = new GraphBuilder('rewritten');
  const copies = copyInto(g, graph, {
    node: (node, inputs) =>
      node.op === 'Add' ? [g.op('Sub', inputs as Value[], {}, { name: 'Reshape' })] : undefined,
  });
  for (const output of graph.outputs) g.output(copies.get(output)!, output.name);
  const rewritten = g.build();
  expect(rewritten.nodes.map((node) => node.op)).toEqual(['FusedMatMul', 'Sub', 'Reshape', 'Transpose']);
  expect([...rewritten.values.keys()]).toEqual(
    expect.arrayContaining(['weight', 'Reshape', 'Reshape_1', 'heads']),
  );
});

test('every operator names its domain, opset and arities', () => {
  for (const [name, definition] of Object.entries(ops)) {
    expect(['', 'com.microsoft'], name).toContain(definition.domain);
    expect(definition.since, name).toBeLessThanOrEqual(21);
    expect(definition.inputs[0], name).toBeLessThanOrEqual(definition.inputs[1]);
  }
});
