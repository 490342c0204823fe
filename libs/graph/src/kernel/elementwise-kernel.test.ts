import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import type { Graph } from '../onnx/types.js';
import { numbers } from '../ops/cases.js';
import { evaluateGraph } from '../reference/evaluate.js';
import { compileKernel } from './elementwise-kernel.js';

interface Api {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Record<string, (...numbers: number[]) => void> };
}
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;

/** Every operator that kernels have, on arrays and on scalars; the input x is read by both outputs, y is not replaced. */
function everyOperator(): Graph {
  const g = new GraphBuilder('every operator');
  const [x, y] = [g.input('x', 'float32', ['n']), g.input('y', 'float32', ['n'])];
  const z = g.input('z', 'float32', ['n']);
  const [s, t] = [g.input('s', 'float32', []), g.input('t', 'float32', [])];
  const c = g.op('Div', [g.op('Sqrt', [g.op('Add', [g.op('Mul', [s, t]), g.scalar('float32', 0.1)])]), t]);
  const square = g.op('Mul', [x, x]);
  const a = g.op('Div', [g.op('Sub', [y, g.op('Mul', [x, c])]), g.op('Sqrt', [g.op('Add', [square, c])])]);
  g.output(g.op('Add', [g.op('Mul', [g.op('Sign', [y]), g.op('Sub', [s, t])]), a]), 'new_x');
  g.output(g.op('Sub', [g.op('Identity', [z]), x]), 'new_z');
  return g.build();
}

function run(graph: Graph, arrays: Readonly<Record<string, Float32Array>>, scalars: Record<string, number>) {
  const kernel = compileKernel(graph, 64)!;
  const memory = new Memory({ initial: kernel.pages });
  const { exports } = new Instance(new Module(kernel.module), { env: { memory } });
  const place = (k: number) => new Float32Array(memory.buffer, k * kernel.capacity * 4, kernel.capacity);
  kernel.arrays.forEach(({ input }, k) => place(k).set(arrays[input]!));
  const { length } = Object.values(arrays)[0]!;
  exports['run']!(Math.ceil(length / 4) * 16, ...kernel.scalars.map((name) => scalars[name]!));
  const outputs = kernel.arrays.flatMap(({ output }, k) => (output ? [[output, place(k)] as const] : []));
  return Object.fromEntries(outputs.map(([name, data]) => [name, [...data.subarray(0, length)]]));
}

describe('kernels', () => {
  it.each([1, 4, 37, 64])('make of %i elements what the operators make, to the bit', (length) => {
    const graph = everyOperator();
    const array = (seed: number) => Float32Array.from(numbers(length, seed));
    const arrays = { x: array(1), y: array(2).fill(0, 0, 1), z: array(3) };
    const scalars = { s: 0.3, t: 1.7 };
    const expected = evaluateGraph(
      graph,
      {
        ...Object.fromEntries(
          Object.entries(arrays).map(([name, data]) => [name, { shape: [length], data }]),
        ),
        ...Object.fromEntries(
          Object.entries(scalars).map(([name, value]) => [name, { shape: [], data: [value] }]),
        ),
      },
      { precision: 'float32' },
    );
    const found = run(graph, arrays, scalars);
    expect(Object.keys(found)).toEqual(['new_x', 'new_z']);
    for (const [name, values] of Object.entries(found))
      expect(values, name).toEqual([...expected[name]!.data]);
  });

  it('are not made of what is not elementwise, nor of what replaces nothing', () => {
    const sums = new GraphBuilder('sums');
    const x = sums.input('x', 'float32', ['n']);
    sums.output(sums.op('Mul', [x, sums.op('ReduceSum', [x], { keepdims: 0 })]), 'new_x');
    expect(compileKernel(sums.build(), 64)).toBeUndefined();
    const other = new GraphBuilder('other');
    other.output(other.op('Sqrt', [other.input('x', 'float32', ['n'])]), 'y');
    expect(compileKernel(other.build(), 64)).toBeUndefined();
  });
});
