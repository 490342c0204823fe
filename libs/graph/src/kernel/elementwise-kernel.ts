import type { Graph, Node, Value } from '../onnx/types.js';
import * as wasm from './wasm.js';

/** A graph as one loop over its arrays, as a WebAssembly module; see `compileKernel`. */
export interface ElementwiseKernel {
  /** Exports `run(bytes, …scalars)`; imports `env.memory` of `pages` pages. */
  readonly module: Uint8Array<ArrayBuffer>;
  readonly pages: number;
  /** Elements that an array has room for; `bytes` is 4 for each, rounded up to 16. */
  readonly capacity: number;
  /** In memory one after the other, in this order. An output is written over the input that it replaces. */
  readonly arrays: readonly { readonly input: string; readonly output?: string | undefined }[];
  readonly scalars: readonly string[];
}

/**
 * A graph of float32 arrays [n] and scalars, whose outputs `new_NAME` replace inputs NAME, as one pass over memory instead
 * of one an operator. Every operator is IEEE 754's, rounded to float32, so each result is the runtime's to the bit. Undefined where the
 * graph has an operator that this has not.
 */
export function compileKernel(graph: Graph, capacity: number): ElementwiseKernel | undefined {
  const isScalar = ({ shape }: Value) => shape.length === 0;
  const known = graph.nodes.every(({ op, outputs: [output] }) =>
    Object.hasOwn(isScalar(output!) ? scalarCode : vectorCode, op),
  );
  const constants = [...graph.initializers.values()];
  if (!known || !constants.every(({ value, data }) => isScalar(value) && data.kind === 'inline'))
    return undefined;
  const inputs = graph.inputs.filter((value) => !isScalar(value));
  const scalars = graph.inputs.filter(isScalar);
  const outputOf = (input: Value) => graph.outputs.find(({ name }) => name === `new_${input.name}`);
  if (!graph.outputs.every((output) => inputs.some((input) => outputOf(input) === output))) return undefined;

  const locals = new Locals(scalars);
  const [scalarNodes, vectorNodes] = [true, false].map((scalar) =>
    graph.nodes.filter(({ outputs: [output] }) => isScalar(output!) === scalar),
  ) as [Node[], Node[]];
  const before = [
    ...constants.flatMap(({ value, data }) => [
      ...wasm.constant(data.kind === 'inline' ? Number(data.data[0]) : 0),
      ...wasm.set(locals.scalar(value)),
    ]),
    ...scalarNodes.flatMap((node) => nodeCode(node, scalarCode, (value) => locals.scalar(value))),
    ...splats(vectorNodes.flatMap((node) => node.inputs as Value[]).filter(isScalar), locals),
  ];
  const place = (k: number) => k * capacity * 4;
  const body = [
    ...inputs.flatMap((input, k) => [
      ...wasm.get(locals.index),
      ...wasm.load(place(k)),
      ...wasm.set(locals.vector(input)),
    ]),
    ...vectorNodes.flatMap((node) => nodeCode(node, vectorCode, (value) => locals.vector(value))),
    ...inputs.flatMap((input, k) => {
      const output = outputOf(input);
      return output
        ? [...wasm.get(locals.index), ...wasm.get(locals.vector(output)), ...wasm.store(place(k))]
        : [];
    }),
  ];
  const memory = place(inputs.length);
  const { parameters, types } = locals;
  const run = { parameters, locals: types, body: [...before, ...wasm.loop(locals.index, body)] };
  return {
    module: wasm.moduleOf(run, memory),
    pages: wasm.pagesOf(memory),
    capacity,
    arrays: inputs.map((input) => ({ input: input.name, output: outputOf(input)?.name })),
    scalars: scalars.map(({ name }) => name),
  };
}

type Get = (value: Value) => wasm.Bytes;
type Code = (inputs: readonly Value[], get: Get) => wasm.Bytes;

const pushed =
  (op: wasm.Bytes): Code =>
  (inputs, get) => [...inputs.flatMap(get), ...op];
const codeOf = (table: Readonly<Record<'Add' | 'Sub' | 'Mul' | 'Div' | 'Sqrt', wasm.Bytes>>) => ({
  Add: pushed(table.Add),
  Sub: pushed(table.Sub),
  Mul: pushed(table.Mul),
  Div: pushed(table.Div),
  Sqrt: pushed(table.Sqrt),
  Identity: pushed([]),
});

const scalarCode: Readonly<Record<string, Code>> = codeOf(wasm.scalarOps);
const vectorCode: Readonly<Record<string, Code>> = {
  ...codeOf(wasm.vectorOps),
  // 1 where x > 0, less 1 where x < 0.
  Sign: ([x], get) => {
    const number = (value: number) => [...wasm.constant(value), ...wasm.splat];
    const oneWhere = (comparison: wasm.Bytes) => [
      ...get(x!),
      ...number(0),
      ...comparison,
      ...number(1),
      ...wasm.vectorOps.and,
    ];
    return [...oneWhere(wasm.vectorOps.Greater), ...oneWhere(wasm.vectorOps.Less), ...wasm.vectorOps.Sub];
  },
};

const nodeCode = (
  { op, inputs, outputs: [output] }: Node,
  table: Readonly<Record<string, Code>>,
  local: (value: Value) => number,
): wasm.Bytes => [
  ...table[op]!(inputs as Value[], (value) => wasm.get(local(value))),
  ...wasm.set(local(output!)),
];

/** Scalars that vectors are combined with, in all four lanes. */
const splats = (used: readonly Value[], locals: Locals): wasm.Bytes =>
  [...new Set(used)].flatMap((value) => [
    ...wasm.get(locals.scalar(value)),
    ...wasm.splat,
    ...wasm.set(locals.vector(value)),
  ]);

/** Numbers the locals: the length in bytes, the scalar inputs, the index of the loop, then everything as it comes up. */
class Locals {
  readonly parameters: readonly ('i32' | 'f32')[];
  readonly types: ('i32' | 'f32' | 'v128')[] = ['i32'];
  readonly index: number;
  private readonly scalars = new Map<Value, number>();
  private readonly vectors = new Map<Value, number>();

  constructor(inputs: readonly Value[]) {
    this.parameters = ['i32', ...inputs.map(() => 'f32' as const)];
    inputs.forEach((value, i) => this.scalars.set(value, i + 1));
    this.index = this.parameters.length;
  }

  scalar = (value: Value): number => this.local(this.scalars, value, 'f32');
  vector = (value: Value): number => this.local(this.vectors, value, 'v128');

  private local(known: Map<Value, number>, value: Value, type: 'f32' | 'v128'): number {
    const found = known.get(value);
    if (found !== undefined) return found;
    const next = this.parameters.length + this.types.length;
    this.types.push(type);
    known.set(value, next);
    return next;
  }
}
