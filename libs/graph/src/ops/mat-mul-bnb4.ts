import { formatShape } from '../onnx/dims.js';
import type { GraphBuilder } from '../onnx/builder.js';
import type { Dim, Value } from '../onnx/types.js';
import { sizeOf, type Tensor } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { evaluateProduct } from './matrix.js';
import { NF4_BLOCK, NF4_VALUES } from '../quantization/nf4.js';

export interface MatMulBnb4Attributes {
  K: number;
  N: number;
  block_size: number;
  /** 1 = NF4. */
  quant_type: number;
}

/** Two values a byte, the first in the high four bits, as bitsandbytes packs them: [256, 2]. */
const pairs = Float32Array.from({ length: 512 }, (_, i) => NF4_VALUES[i % 2 ? (i >> 1) & 15 : i >> 5]!);

/**
 * A Wᵀ for a W [N, K] in 4 bits a weight: codes uint8 [N·K/2] of NF4 (Dettmers et al. 2023, QLoRA), which absmax float32 [N·K/64] scales
 * block by block of the flattened W, as bitsandbytes has it. Its CPU kernel reads out of bounds for transB = 0, so that the gradient
 * makes W anew and multiplies by that.
 */
export const MatMulBnb4: OpDefinition<MatMulBnb4Attributes> = {
  domain: 'com.microsoft',
  since: 1,
  inputs: [3, 3],
  outputs: [1, 1],
  types: [['float32'], ['uint8'], ['float32']],
  attributes: {
    K: 'required int',
    N: 'required int',
    block_size: 'required int',
    quant_type: 'required int',
  },
  infer: (context) => {
    const { K, N, block_size: block, quant_type: type } = context.attributes;
    const [a, codes, absmax] = [context.input(0), context.input(1), context.input(2)];
    if (block !== NF4_BLOCK || type !== 1)
      context.fail('only NF4 in blocks of 64', { found: `type ${type} in blocks of ${block}` });
    if (a.shape.at(-1) !== K)
      context.fail('rows have another length', { found: formatShape(a.shape), allowed: `[…, ${K}]` });
    const sizes: (readonly [Value, Dim])[] = [
      [codes, Math.ceil((N * K) / 2)],
      [absmax, Math.ceil((N * K) / block)],
    ];
    for (const [value, size] of sizes)
      if (formatShape(value.shape) !== formatShape([size]))
        context.fail(`${value.name} has another length`, {
          found: formatShape(value.shape),
          allowed: `[${size}]`,
        });
    return [{ dtype: a.dtype, shape: [...a.shape.slice(0, -1), N] }];
  },
  evaluate: ({ input, attributes: { K, N } }) => [
    evaluateProduct(input(0), dequantized(input(1), input(2), N, K), {
      transA: false,
      transB: true,
      alpha: 1,
    }),
  ],
  gradient: ({ g, dy, input, attributes: { K, N } }) => [
    () => g.op('MatMul', [dy, dequantize(g, dy, [input(1), input(2)], [N, K])]),
    'none',
    'none',
  ],
};

function dequantized(codes: Tensor, absmax: Tensor, rows: number, columns: number): Tensor {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < data.length; i++) {
    const byte = codes.data[i >> 1]!;
    data[i] = NF4_VALUES[i % 2 ? byte & 15 : byte >> 4]! * absmax.data[Math.floor(i / NF4_BLOCK)]!;
  }
  return { dtype: 'float32', shape: [rows, columns], data };
}

/**
 * W [N, K]. The table is made to depend on the batch, by a zero: else everything here would be constant, and ONNX Runtime would keep
 * W in float32 from the loading of the graph on.
 */
function dequantize(
  g: GraphBuilder,
  dy: Value,
  [codes, absmax]: [Value, Value],
  shape: [number, number],
): Value {
  const table = g.op('Add', [g.constant('float32', [256, 2], pairs), zeroFrom(g, dy)]);
  const count = sizeOf(shape);
  const values = g.op('Gather', [table, g.op('Cast', [codes], { to: 'int32' })]); // [count / 2, 2]
  if (count % NF4_BLOCK === 0) {
    const blocks = g.op('Reshape', [values, g.int64s(-1, NF4_BLOCK)]);
    return g.op('Reshape', [
      g.op('Mul', [blocks, g.op('Unsqueeze', [absmax, g.int64s(1)])]),
      g.int64s(...shape),
    ]);
  }
  const flat = g.op('Slice', [
    g.op('Reshape', [values, g.int64s(-1)]),
    g.int64s(0),
    g.int64s(count),
    g.int64s(0),
  ]);
  const blockOf = g.constant(
    'int32',
    [count],
    Int32Array.from({ length: count }, (_, i) => Math.floor(i / NF4_BLOCK)),
  );
  return g.op('Reshape', [g.op('Mul', [flat, g.op('Gather', [absmax, blockOf])]), g.int64s(...shape)]);
}

/** n − n, for a length of dy that only a batch has. */
function zeroFrom(g: GraphBuilder, dy: Value): Value {
  const rows = g.op('Gather', [g.op('Shape', [dy]), g.scalar('int64', 0)]);
  return g.op('Cast', [g.op('Sub', [rows, rows])], { to: 'float32' });
}
