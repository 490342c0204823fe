import { differentiate } from '../autodiff/differentiate.js';
import { GraphBuilder } from '../onnx/builder.js';
import { definitionOf } from '../onnx/infer.js';
import { isFloat, type DataType, type Graph, type Value } from '../onnx/types.js';
import { sizeOf } from '../reference/tensor.js';
import { numbers, type OpCase } from './cases.js';
import type { OpName } from './index.js';

/** The graph of one case: its inputs are `x0`, `x1`, … (but for constants), its outputs `y0`, `y1`, … */
export function caseGraph(op: OpName, { inputs, attributes, outputs = 1 }: OpCase) {
  const g = new GraphBuilder(op);
  const values = inputs.map((input, i): Value | undefined => {
    if (!input) return undefined;
    if (input.constant) return g.constant(input.dtype, input.shape, input.data);
    // No tensor of bfloat16 can be fed to or fetched from onnxruntime-node.
    if (input.dtype === 'bfloat16')
      return g.op('Cast', [g.input(`x${i}`, 'float32', input.shape)], { to: 'bfloat16' });
    return g.input(`x${i}`, input.dtype, input.shape);
  });
  const results = g.ops(op, values, attributes as never, outputs);
  return { g, values, results };
}

export function builtCase(op: OpName, one: OpCase): Graph {
  const { g, results } = caseGraph(op, one);
  results.forEach((value, i) => {
    g.output(value.dtype === 'bfloat16' ? g.op('Cast', [value], { to: 'float32' }) : value, `y${i}`);
  });
  return g.build();
}

/** The outputs a loss may depend on: statistics that a normalisation saves are only read by gradients. */
export const differentiableOutputs = (op: OpName, results: readonly Value[]) =>
  results.flatMap((result, i) =>
    isFloat(result.dtype) && (i === 0 || definitionOf(op).saves === undefined) ? [i] : [],
  );

/** The graph of the gradient of Σ output ∘ weight by one input, `gradient`; undefined where the output does not depend on it. */
export function gradientCase(op: OpName, one: OpCase, index: number): Graph | undefined {
  const { g, values, results } = caseGraph(op, one);
  const node = g.build().nodes.at(-1)!;
  const seeds = differentiableOutputs(op, results).map((i, k): [Value, Value] => {
    const shape = results[i]!.shape as number[];
    return [results[i]!, g.constant('float32', shape, numbers(sizeOf(shape), 100 + k))];
  });
  const wanted = values[index]!;
  const gradient = differentiate({ g, nodes: [node], seeds: new Map(seeds), wanted: [wanted] }).get(wanted);
  if (!gradient) return undefined;
  g.output(gradient, 'gradient');
  return g.build();
}

export const feedsOf = ({ inputs }: OpCase) =>
  Object.fromEntries(inputs.flatMap((input, i) => (input && !input.constant ? [[`x${i}`, input]] : [])));

/** Inputs of a case that must have one type, and the types that the operator declares for them. */
export interface TypeSlot {
  readonly inputs: readonly number[];
  readonly allowed: readonly DataType[];
}

/** The slots of a case's given inputs, by the operator's signature. */
export function typeSlots(op: OpName, { inputs }: OpCase): TypeSlot[] {
  const { types } = definitionOf(op);
  const named = new Map<string, { inputs: number[]; allowed: readonly DataType[] }>();
  const slots: TypeSlot[] = [];
  inputs.forEach((input, i) => {
    if (!input) return;
    const entry = types[Math.min(i, types.length - 1)]!;
    if (typeof entry === 'string') named.get(entry)!.inputs.push(i);
    else if (Array.isArray(entry)) slots.push({ inputs: [i], allowed: entry as readonly DataType[] });
    else {
      const [name, allowed] = Object.entries(entry as Record<string, readonly DataType[]>)[0]!;
      named.set(name, { inputs: [i], allowed });
    }
  });
  return [...named.values(), ...slots];
}

/** The case with inputs of another element type. */
export function retyped(one: OpCase, inputs: readonly number[], dtype: DataType): OpCase {
  const changed = one.inputs.map(
    (input, i) =>
      input && (inputs.includes(i) ? { ...input, dtype, data: input.data.map(Math.trunc) } : input),
  );
  return { ...one, inputs: changed };
}
