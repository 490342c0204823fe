/** What each operator's declaration refuses: every wrong element type of every input, and attributes out of range. */
import { TemperError, type Problem } from '@temper/contracts';
import { expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/builder.js';
import { dataTypes } from '../onnx/types.js';
import { caseGraph, retyped, typeSlots } from './case-graph.js';
import { cases, type OpCase } from './cases.js';
import type { OpName } from './index.js';

function refusal(body: () => unknown): Problem {
  try {
    body();
  } catch (error) {
    if (error instanceof TemperError && error.code === 'GRAPH_INVALID') return error.problems[0]!;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What is wrong for an input: a type outside its set, or (a later input of a shared type) another than the first's. */
const wrong = (Object.entries(cases) as [OpName, readonly OpCase[]][]).flatMap(([op, table]) => {
  const one = table.find((each) => each.inputs.every((input) => input)) ?? table[0]!;
  return typeSlots(op, one).flatMap((slot) =>
    slot.inputs.flatMap((index) => {
      const takes = slot.inputs[0] === index ? slot.allowed : [one.inputs[index]!.dtype];
      const refused = dataTypes.filter((dtype) => !takes.includes(dtype));
      return refused.map((dtype) => ({ op, one, slot, index, dtype }));
    }),
  );
});

test.each(wrong)('$op, input $index refuses $dtype', ({ op, one, slot, index, dtype }) => {
  const isFirst = slot.inputs[0] === index;
  const problem = refusal(() => caseGraph(op, retyped(one, isFirst ? slot.inputs : [index], dtype)));
  expect(problem.path).toBe(`${op} ${op}`);
  expect(problem.message).toMatch(new RegExp(`^input ${index} \\(.+\\) has a wrong type$`));
  expect(problem.found).toBe(dtype);
  const first = one.inputs[slot.inputs[0]!]!.dtype;
  expect(problem.allowed).toMatch(
    isFirst ? slot.allowed.join(', ') : new RegExp(`^${first}, the type of input ${slot.inputs[0]}`),
  );
  expect(problem.hint).toMatch(new RegExp(`> .*%${op}.* = ${op}\\(`));
});

const attributes: [OpName, object, number, RegExp][] = [
  ['Softmax', { axis: 2 }, 1, /axis has a wrong value; found 2; allowed: -2 to 1/],
  ['LogSoftmax', { axis: -3 }, 1, /found -3; allowed: -2 to 1/],
  ['Concat', { axis: 5 }, 2, /found 5; allowed: -2 to 1/],
  ['Concat', {}, 2, /attribute axis is missing/],
  ['Transpose', { perm: [0, 0] }, 1, /perm is not a permutation of the axes; found 0, 0/],
  ['Transpose', { perm: [0, 1.5] }, 1, /found \[0,1.5\]; allowed: a list of whole numbers/],
  ['Transpose', {}, 1, /attribute perm is missing/],
  ['Cast', { to: 'float8' }, 1, /to has a wrong value; found float8; allowed: float32, float16/],
  ['Cast', {}, 1, /attribute to is missing/],
  ['MatMul', { transB: 1 }, 2, /unknown attribute transB; found undefined; allowed: none/],
  ['FusedMatMul', { transB: 2 }, 2, /transB has a wrong value; found 2; allowed: 0, 1/],
  ['FusedMatMul', { alpha: Infinity }, 2, /alpha has a wrong value/],
  ['ReduceSum', { keepdims: -1 }, 1, /keepdims has a wrong value; found -1; allowed: 0, 1/],
  ['ArgMax', { axis: 0.5 }, 1, /found 0.5; allowed: -2 to 1/],
];
test.each(attributes)('%s refuses %o', (op, given, count, message) => {
  const g = new GraphBuilder('attributes');
  const x = g.input('x', 'float32', [3, 3]);
  const { path, ...problem } = refusal(() => g.op(op, new Array(count).fill(x), given as never));
  expect(path).toBe(`${op} ${op}`);
  expect(`${problem.message}; found ${problem.found}; allowed: ${problem.allowed}`).toMatch(message);
});

const places: [OpName, (g: GraphBuilder) => readonly unknown[], object, RegExp][] = [
  ['Unsqueeze', (g) => [g.int64s(3)], {}, /no axis 3/],
  ['Unsqueeze', (g) => [g.int64s(0, -4)], {}, /an axis is named twice/],
  ['Squeeze', (g) => [g.int64s(2)], {}, /no axis 2/],
  ['ReduceSum', (g) => [g.int64s(1, -1)], {}, /an axis is named twice/],
  ['Reshape', (g) => [g.int64s(-3, -3)], {}, /a negative dimension/],
  ['Gather', (g) => [g.int64s(3)], {}, /an index is out of range/],
  ['GatherElements', (g) => [g.constant('int64', [4, 1], [0, 0, 0, 0])], { axis: 1 }, /do not fit the data/],
  ['GatherND', (g) => [g.constant('int64', [1, 3], [0, 0, 0])], {}, /the last axis of the indices/],
];
test.each(places)('%s refuses places out of range', (op, others, given, message) => {
  const g = new GraphBuilder('places');
  const x = g.input('x', 'float32', [3, 3]);
  expect(refusal(() => g.op(op, [x, ...(others(g) as never[])], given as never)).message).toMatch(message);
});
