/** What the matrix products share. */
import { TemperError } from '@temper/contracts';
import { broadcastShapes, formatShape } from '../onnx/dims.js';
import type { Dim, Value } from '../onnx/types.js';
import { broadcastStrides, dot, forEachIndex, sizeOf, type Tensor } from '../reference/tensor.js';
import type { GradientContext, InferContext, InputGradient } from './definition.js';

export interface Product {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

export function productShape(context: InferContext<unknown>, { transA, transB }: Product): Dim[] {
  const a = context.input(0);
  const b = context.input(1);
  if (a.shape.length < 2 || b.shape.length < 2)
    context.fail('operands need at least two axes', {
      found: `${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    });
  const [m, k] = lastTwo(a.shape, transA);
  const [k2, n] = lastTwo(b.shape, transB);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (k !== k2 || !batch)
    context.fail('shapes do not fit', {
      found: `${formatShape(a.shape)}${transA ? 'ᵀ' : ''} · ${formatShape(b.shape)}${transB ? 'ᵀ' : ''}`,
    });
  return [...batch!, m!, n!];
}

function lastTwo<T>(shape: readonly T[], transposed: boolean): [T, T] {
  const [a, b] = shape.slice(-2) as [T, T];
  return transposed ? [b, a] : [a, b];
}

export function evaluateProduct(a: Tensor, b: Tensor, { transA, transB, alpha }: Product): Tensor {
  const [m, k] = lastTwo(a.shape, transA);
  const [, n] = lastTwo(b.shape, transB);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) as number[];
  const aStrides = broadcastStrides(a.shape.slice(0, -2), batch);
  const bStrides = broadcastStrides(b.shape.slice(0, -2), batch);
  const [aRow, aColumn] = transA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transB ? [1, k] : [n, 1];
  const data = new Float64Array(sizeOf(batch) * m * n);
  forEachIndex(batch, (flat, index) => {
    const aStart = dot(index, aStrides) * m * k;
    const bStart = dot(index, bStrides) * k * n;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let t = 0; t < k; t++)
          sum += a.data[aStart + i * aRow + t * aColumn]! * b.data[bStart + t * bRow + j * bColumn]!;
        data[flat * m * n + i * n + j] = alpha * sum;
      }
  });
  return { dtype: a.dtype, shape: [...batch, m, n], data };
}

/**
 * C = α op(A) op(B): d op(A) = α dC op(B)ᵀ, d op(B) = α op(A)ᵀ dC; a transposed operand gets the transposed product, so that no
 * Transpose is left over. Where B has no batch axes, those of A and dC are flattened first: dB is one product, not a batch
 * of products and their sum.
 */
export function productGradient(
  { g, dy, input }: Pick<GradientContext<unknown>, 'g' | 'dy' | 'input'>,
  { transA, transB, alpha }: Product,
): InputGradient[] {
  const [a, b] = [input(0), input(1)];
  const times = (x: Value, y: Value, transX: boolean, transY: boolean) =>
    g.op('FusedMatMul', [x, y], {
      ...(transX && { transA: 1 }),
      ...(transY && { transB: 1 }),
      ...(alpha !== 1 && { alpha }),
    });
  const shared = b.shape.length === 2 && a.shape.length > 2 && !transA;
  const flat = (value: Value) =>
    shared ? g.op('Reshape', [value, g.int64s(-1, ...lastNumber(value))]) : value;
  return [
    () => (transA ? times(b, dy, transB, true) : times(dy, b, false, !transB)),
    () => (transB ? times(flat(dy), flat(a), true, transA) : times(flat(a), flat(dy), !transA, false)),
  ];
}

function lastNumber(value: Value): [number] {
  const last = value.shape.at(-1)!;
  if (typeof last !== 'number')
    throw new TemperError('OP_UNSUPPORTED', {
      path: value.name,
      message: 'a product has a gradient only where the last axis is a number',
      found: last,
    });
  return [last];
}
