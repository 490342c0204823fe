/**
 * The table of cases: for every operator, inputs on which its evaluation and gradient are checked. A missing operator is a type error.
 */
import {
  f,
  fixed,
  numbers,
  given,
  indices,
  int,
  ints,
  mask,
  scalar,
  typed,
  type CaseInput,
} from './case-inputs.js';
import type { OpAttributes, OpName } from './index.js';
import type { ReductionAttributes } from './reduction.js';
import { rotaryCases } from './rotary-cases.js';

export { numbers, type CaseInput } from './case-inputs.js';

export interface OpCase<A = object> {
  readonly title: string;
  readonly inputs: readonly (CaseInput | undefined)[];
  readonly attributes?: A;
  readonly outputs?: number;
  /** Only evaluation is compared: at this point the derivative jumps or is undefined. */
  readonly noGradient?: true;
}

const pairs = (low = -2, high = 2): OpCase[] => [
  { title: 'equal shapes', inputs: [f([2, 3], 1, low, high), f([2, 3], 2, low, high)] },
  { title: 'a bias', inputs: [f([2, 4, 3], 1, low, high), f([3], 2, low, high)] },
  { title: 'both broadcast', inputs: [f([2, 1, 3], 1, low, high), f([4, 1], 2, low, high)] },
  { title: 'a scalar', inputs: [f([], 1, low, high), f([2, 2], 2, low, high)] },
];
const unary = (low = -2, high = 2): OpCase[] => [
  { title: 'a matrix', inputs: [f([3, 4], 3, low, high)] },
  { title: 'a scalar', inputs: [f([], 4, low, high)] },
];
const wide = (...data: number[]): OpCase => ({
  title: 'edges',
  inputs: [given([data.length], data)],
  noGradient: true,
});
const comparison: OpCase[] = [
  { title: 'floats', inputs: [given([3], [1, 3, -2]), given([3], [2, 1, -1])] },
  { title: 'equal floats', inputs: [given([2], [2, 0]), given([2], [2, -0])], noGradient: true },
  {
    title: 'broadcast integers',
    inputs: [typed('int64', [3, 1], [0, 1, 2]), typed('int64', [3], [0, 1, 2])],
  },
];
const logic: OpCase[] = [
  { title: 'truth table', inputs: [typed('bool', [4], [0, 0, 1, 1]), typed('bool', [4], [0, 1, 0, 1])] },
];
const reductions: OpCase<ReductionAttributes>[] = [
  { title: 'last axis kept', inputs: [f([2, 3, 4]), ints(-1)], attributes: { keepdims: 1 } },
  { title: 'first axes dropped', inputs: [f([2, 3, 4]), ints(0, 1)], attributes: { keepdims: 0 } },
  { title: 'all', inputs: [f([2, 3])], attributes: { keepdims: 0 } },
];
/** Bytes of two 4-bit codes each. */
const nf4Codes = (count: number) => fixed(typed('uint8', [count], numbers(count, 5, 0, 256).map(Math.floor)));
const normalized = { epsilon: 1e-5 };

export const cases: { readonly [N in OpName]: readonly OpCase<OpAttributes<N>>[] } = {
  Abs: unary(0.5, 2),
  Add: [
    ...pairs(),
    { title: 'integers', inputs: [typed('int64', [2], [1, 2]), typed('int64', [2], [3, 4])] },
  ],
  And: logic,
  ArgMax: [
    { title: 'last axis', inputs: [f([3, 5])], attributes: { axis: -1, keepdims: 0 } },
    { title: 'first axis kept', inputs: [f([3, 5])], attributes: { axis: 0, keepdims: 1 } },
  ],
  Cast: [
    { title: 'float to float', inputs: [f([3])], attributes: { to: 'float32' } },
    {
      title: 'float to integer truncates',
      inputs: [given([4], [-1.7, -0.2, 0.9, 2])],
      attributes: { to: 'int64' },
    },
    { title: 'to bool', inputs: [given([3], [0, 0.5, -2])], attributes: { to: 'bool' } },
    { title: 'from int32', inputs: [typed('int32', [2], [-1, 5])], attributes: { to: 'float32' } },
  ],
  Ceil: [...unary(0.1, 0.9), wide(-1.5, -1, 0, 2.25)],
  Clip: [
    { title: 'both bounds', inputs: [given([5], [-3, -0.9, 0, 0.9, 3]), scalar(-1), scalar(1)] },
    { title: 'upper only', inputs: [given([3], [-3, 0, 3]), undefined, scalar(1)] },
  ],
  Concat: [
    {
      title: 'middle axis',
      inputs: [f([2, 1, 3], 1), f([2, 2, 3], 2), f([2, 3, 3], 3)],
      attributes: { axis: 1 },
    },
    { title: 'vectors', inputs: [f([2], 1), f([3], 2)], attributes: { axis: 0 } },
  ],
  ConstantOfShape: [
    { title: 'floats', inputs: [ints(2, 3)], attributes: { dtype: 'float32', value: -1 } },
    { title: 'integers', inputs: [ints(2)], attributes: { dtype: 'int64', value: 7 } },
  ],
  Cos: unary(),
  CumSum: [
    { title: 'last axis', inputs: [f([2, 3, 4]), int(-1)] },
    { title: 'first axis, exclusive', inputs: [f([3, 2]), int(0)], attributes: { exclusive: 1 } },
    { title: 'from the end', inputs: [f([2, 4]), int(1)], attributes: { reverse: 1 } },
    { title: 'both', inputs: [f([2, 4]), int(1)], attributes: { reverse: 1, exclusive: 1 } },
    { title: 'integers', inputs: [indices([2, 3], [1, 0, 1, 1, 1, 0]), int(1)] },
  ],
  DequantizeLinear: [
    {
      title: 'rows of a weight',
      inputs: [
        typed('int8', [3, 4], [-128, 127, 0, 5, 1, 2, 3, 4, -1, -2, -3, -4]),
        fixed(f([3], 2, 0.01, 0.1)),
      ],
      attributes: { axis: 0 },
    },
    {
      title: 'columns, with zero points',
      inputs: [
        typed('uint8', [2, 3], [0, 255, 128, 7, 8, 9]),
        fixed(f([3], 2, 0.01, 0.1)),
        typed('uint8', [3], [128, 1, 0]),
      ],
      attributes: { axis: 1 },
    },
    { title: 'one scale', inputs: [typed('int32', [2, 2], [1, -1, 100000, 3]), fixed(given([], [0.5]))] },
    {
      title: 'blocks',
      inputs: [
        typed(
          'int8',
          [2, 8],
          Array.from({ length: 16 }, (_, i) => 7 * i - 50),
        ),
        fixed(f([2, 2], 2, 0.01, 0.1)),
      ],
      attributes: { axis: 1, block_size: 4 },
    },
  ],
  Div: [
    ...pairs(0.5, 2),
    { title: 'integers truncate', inputs: [typed('int64', [3], [7, -7, 6]), typed('int64', [3], [2, 2, 3])] },
  ],
  Elu: [...unary(), { title: 'alpha', inputs: [f([5])], attributes: { alpha: 0.5 } }, wide(-50, 0, 50)],
  Equal: comparison,
  Erf: [...unary(), wide(-6, -3, -1e-3, 0, 2.5, 4, 9)],
  Exp: [...unary(), wide(-100, 0, 80)],
  Expand: [{ title: 'both ways', inputs: [f([3, 1]), ints(2, 1, 4)] }],
  FastGelu: [unary()[0]!, wide(-10, 0, 10)],
  Floor: [...unary(0.1, 0.9), wide(-1.5, -1, 0, 2.25)],
  FusedMatMul: [
    { title: 'a linear layer', inputs: [f([2, 3, 4], 1), f([5, 4], 2)], attributes: { transB: 1 } },
    {
      title: 'both transposed and scaled',
      inputs: [f([4, 3], 1), f([5, 4], 2)],
      attributes: { transA: 1, transB: 1, alpha: 0.5 },
    },
    { title: 'batched', inputs: [f([2, 3, 4, 2], 1), f([2, 3, 4, 5], 2)], attributes: { transA: 1 } },
    { title: 'broadcast batch', inputs: [f([2, 3, 4, 2], 1), f([1, 3, 2, 5], 2)], attributes: { alpha: 2 } },
    {
      title: 'a transposed batch with a matrix',
      inputs: [f([2, 4, 3], 1), f([4, 5], 2)],
      attributes: { transA: 1 },
    },
  ],
  Gather: [
    { title: 'an embedding, repeated rows', inputs: [f([5, 3]), indices([2, 3], [0, 4, 1, 1, 0, 0])] },
    { title: 'int32 and negative', inputs: [f([5, 3]), typed('int32', [2], [-1, 2])] },
    {
      title: 'one place of a middle axis',
      inputs: [f([2, 4, 3]), indices([], [2])],
      attributes: { axis: 1 },
    },
    {
      title: 'several of the last axis',
      inputs: [f([2, 4]), indices([2, 2], [0, 3, 3, 1])],
      attributes: { axis: -1 },
    },
  ],
  GatherElements: [
    { title: 'labels', inputs: [f([3, 4]), indices([3, 1], [0, 3, 1])], attributes: { axis: 1 } },
    { title: 'repeated', inputs: [f([3, 2]), indices([2, 2], [0, 2, 0, -1])], attributes: { axis: 0 } },
  ],
  GatherND: [
    { title: 'repeated rows', inputs: [f([2, 3, 2]), indices([3, 2], [0, 1, 1, 2, 0, 1])] },
    { title: 'negative, elements', inputs: [f([2, 3]), indices([2, 2, 2], [-1, 1, 1, -2, 0, 0, 1, 1])] },
  ],
  Gelu: [...unary(), wide(-10, -1e-4, 0, 10)],
  Gemm: [
    { title: 'with bias', inputs: [f([3, 4], 1), f([4, 5], 2), f([5], 3)] },
    {
      title: 'all attributes',
      inputs: [f([4, 3], 1), f([5, 4], 2), f([3, 1], 3)],
      attributes: { transA: 1, transB: 1, alpha: 0.5, beta: 2 },
    },
    { title: 'no bias', inputs: [f([3, 4], 1), f([5, 4], 2)], attributes: { transB: 1 } },
  ],
  Greater: comparison,
  GreaterOrEqual: comparison,
  Identity: unary(),
  LayerNormalization: [
    {
      title: 'three axes',
      inputs: [f([2, 3, 4], 1), f([4], 2), f([4], 3)],
      attributes: normalized,
      outputs: 3,
    },
    {
      title: 'no bias',
      inputs: [f([2, 6], 1), f([6], 2)],
      attributes: { axis: -1, epsilon: 1e-12 },
      outputs: 3,
    },
  ],
  LeakyRelu: [
    ...unary(0.5, 2),
    { title: 'alpha', inputs: [f([5], 1, -2, -0.5)], attributes: { alpha: 0.2 } },
    wide(-1, 0, 1),
  ],
  Less: comparison,
  LessOrEqual: comparison,
  Log: unary(0.1, 4),
  LogSoftmax: [
    { title: 'last axis', inputs: [f([2, 3, 4])], attributes: { axis: -1 } },
    { title: 'first axis', inputs: [f([3, 2])], attributes: { axis: 0 } },
    { title: 'far apart', inputs: [given([1, 3], [100, 0, -100])], attributes: { axis: -1 } },
  ],
  MatMul: [
    { title: 'matrices', inputs: [f([2, 3], 1), f([3, 4], 2)] },
    { title: 'a batch with a matrix', inputs: [f([2, 3, 4], 1), f([4, 5], 2)] },
    { title: 'batches', inputs: [f([2, 1, 3, 4], 1), f([2, 4, 2], 2)] },
  ],
  MatMulBnb4: [
    {
      title: 'whole blocks',
      inputs: [f([2, 3, 16]), nf4Codes(64), fixed(f([2], 2, 0.1, 2))],
      attributes: { K: 16, N: 8, block_size: 64, quant_type: 1 },
    },
    {
      title: 'a last block that is not full',
      inputs: [f([3, 7]), nf4Codes(46), fixed(f([2], 2, 0.1, 2))],
      attributes: { K: 7, N: 13, block_size: 64, quant_type: 1 },
    },
  ],
  Max: [...pairs(), { title: 'equal', inputs: [given([2], [1, 2]), given([2], [1, 3])], noGradient: true }],
  Min: [...pairs(), { title: 'equal', inputs: [given([2], [1, 2]), given([2], [1, 3])], noGradient: true }],
  Mod: [
    {
      title: 'integers have the sign of the divisor',
      inputs: [typed('int64', [4], [7, -7, 7, -7]), typed('int64', [4], [3, 3, -3, -3])],
    },
    {
      title: 'floats have the sign of the dividend',
      inputs: [given([4], [5.3, -5.3, 0.5, 7.9]), given([4], [2, 2, 2, -3])],
      attributes: { fmod: 1 },
    },
  ],
  Mul: pairs(),
  Neg: unary(),
  Not: [{ title: 'both', inputs: [typed('bool', [2], [0, 1])] }],
  OneHot: [
    {
      title: 'classes',
      inputs: [indices([2, 2], [0, 3, 1, -1]), int(4), fixed(given([2], [0, 1]))],
    },
  ],
  Or: logic,
  Pad: [{ title: 'both sides', inputs: [f([2, 3]), ints(1, 0, 0, 2)] }],
  Pow: [
    { title: 'square', inputs: [f([3]), scalar(2)] },
    { title: 'both differentiated', inputs: [f([3], 1, 0.5, 2), f([3], 2)] },
  ],
  QuickGelu: [
    { title: 'SiLU', inputs: [f([3, 4])], attributes: { alpha: 1 } },
    { title: 'default', inputs: [f([5])] },
    { title: 'edges', inputs: [given([3], [-80, 0, 80])], attributes: { alpha: 1 } },
  ],
  Range: [{ title: 'from 2 to 6', inputs: [int(2), int(6), int(1)] }],
  Reciprocal: unary(0.5, 2),
  ReduceL2: [
    ...reductions,
    {
      title: 'zero',
      inputs: [given([1, 2], [0, 0]), ints(-1)],
      attributes: { keepdims: 1 },
      noGradient: true,
    },
  ],
  ReduceLogSumExp: [
    ...reductions,
    { title: 'far apart', inputs: [given([1, 3], [100, 0, -100]), ints(-1)], attributes: { keepdims: 0 } },
  ],
  ReduceMax: [
    { title: 'last axis', inputs: [f([2, 3, 4]), ints(-1)], attributes: { keepdims: 1 } },
    { title: 'dropped', inputs: [f([2, 3]), ints(0)], attributes: { keepdims: 0 } },
  ],
  ReduceMean: reductions,
  ReduceMin: [
    { title: 'last axis', inputs: [f([2, 3, 4]), ints(-1)], attributes: { keepdims: 1 } },
    { title: 'dropped', inputs: [f([2, 3]), ints(0)], attributes: { keepdims: 0 } },
  ],
  ReduceSum: reductions,
  ReduceSumSquare: reductions,
  Relu: [...unary(0.5, 2), ...unary(-2, -0.5), wide(-1, 0, 1)],
  Reshape: [
    { title: 'copy, rest', inputs: [f([2, 3, 4]), ints(0, -1, 2)] },
    { title: 'plain', inputs: [f([6]), ints(2, 3)] },
  ],
  RotaryEmbedding: rotaryCases,
  Round: [...unary(0.1, 0.4), wide(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49)],
  ScatterElements: [
    {
      title: 'replace',
      inputs: [f([3, 4], 1), indices([3, 1], [0, 3, 1]), f([3, 1], 2)],
      attributes: { axis: 1 },
    },
    {
      title: 'add, repeated',
      inputs: [f([3, 2], 1), indices([2, 2], [0, 2, 0, 1]), f([2, 2], 2)],
      attributes: { axis: 0, reduction: 'add' },
    },
  ],
  ScatterND: [
    { title: 'replace', inputs: [f([4, 2], 1), indices([2, 1], [3, 0]), f([2, 2], 2)] },
    {
      title: 'add, repeated',
      inputs: [f([4, 2], 1), indices([3, 1], [3, 0, 3]), f([3, 2], 2)],
      attributes: { reduction: 'add' },
    },
  ],
  Shape: [{ title: 'a matrix', inputs: [f([2, 3])] }],
  Sigmoid: [...unary(), wide(-80, 0, 80)],
  Sign: [{ title: 'all three', inputs: [given([3], [-2, 0, 2])], noGradient: true }, ...unary(0.5, 2)],
  SimplifiedLayerNormalization: [
    { title: 'three axes', inputs: [f([2, 3, 4], 1), f([4], 2)], attributes: normalized, outputs: 2 },
    {
      title: 'small values',
      inputs: [f([2, 6], 1, -0.02, 0.02), f([6], 2)],
      attributes: { epsilon: 1e-5 },
      outputs: 2,
    },
  ],
  Sin: unary(),
  Slice: [
    { title: 'two axes', inputs: [f([4, 5]), ints(1, 0), ints(3, -1), ints(0, 1)] },
    { title: 'to the end', inputs: [f([2, 5]), ints(2), ints(2 ** 31 - 1), ints(-1)] },
    { title: 'with a step', inputs: [f([5]), ints(0), ints(5), ints(0), ints(2)], noGradient: true },
  ],
  Softmax: [
    { title: 'last axis', inputs: [f([2, 3, 4])], attributes: { axis: -1 } },
    { title: 'first axis', inputs: [f([3, 2])], attributes: { axis: 0 } },
    { title: 'masked', inputs: [given([1, 3], [1, 2, -1e9])], attributes: { axis: -1 } },
  ],
  Softplus: [...unary(), wide(-80, 0, 80)],
  Split: [
    { title: 'uneven', inputs: [f([2, 5]), ints(1, 3, 1)], attributes: { axis: 1 }, outputs: 3 },
    { title: 'first axis', inputs: [f([4]), ints(2, 2)], attributes: { axis: 0 }, outputs: 2 },
  ],
  Sqrt: unary(0.1, 4),
  Squeeze: [{ title: 'two axes', inputs: [f([1, 3, 1]), ints(0, -1)] }],
  Sub: pairs(),
  Tanh: [...unary(), wide(-20, 0, 20)],
  TopK: [
    { title: 'largest', inputs: [f([3, 5]), ints(2)], outputs: 2 },
    {
      title: 'smallest of the first axis',
      inputs: [f([5, 2]), ints(3)],
      attributes: { axis: 0, largest: 0 },
      outputs: 2,
    },
    { title: 'equal ones', inputs: [given([4], [1, 2, 2, 1]), ints(3)], outputs: 2, noGradient: true },
  ],
  Transpose: [{ title: 'four axes', inputs: [f([2, 3, 1, 4])], attributes: { perm: [2, 0, 3, 1] } }],
  Trilu: [
    { title: 'upper', inputs: [f([2, 3, 3])] },
    { title: 'lower, moved', inputs: [f([3, 4]), int(-1)], attributes: { upper: 0 } },
    { title: 'a causal mask', inputs: [mask([3, 3]), int(1)], attributes: { upper: 1 } },
  ],
  Unsqueeze: [{ title: 'front and back', inputs: [f([3, 2]), ints(0, -1)] }],
  Where: [
    { title: 'equal shapes', inputs: [mask([2, 3]), f([2, 3], 1), f([2, 3], 2)] },
    { title: 'broadcast', inputs: [mask([2, 1, 3]), f([4, 1], 1), f([], 2)] },
  ],
};
