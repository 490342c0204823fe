import { TemperError } from '@temper/contracts';
import type { DataType } from '../onnx/types.js';

/** A tensor of the reference evaluator: every element a float64 number, whatever its dtype. */
export interface Tensor {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export function tensor(dtype: DataType, shape: readonly number[], data: ArrayLike<number>): Tensor {
  const array = data instanceof Float64Array ? data : Float64Array.from(data);
  if (array.length !== sizeOf(shape))
    throw new TemperError('GRAPH_INVALID', {
      path: 'a tensor',
      message: 'its elements do not fill its shape',
      found: `${array.length} of [${shape.join(', ')}]`,
    });
  return { dtype, shape, data: array };
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** Calls `visit(flat, index)` for every index of `shape` in row-major order. */
export function forEachIndex(
  shape: readonly number[],
  visit: (flat: number, index: readonly number[]) => void,
): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(flat, index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]!; axis--) index[axis] = 0;
  }
}

/** Strides with which a tensor of `shape` is read at the indices of the broadcast shape. */
export function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const offset = to.length - shape.length;
  return to.map((_, i) => (i < offset || shape[i - offset] === 1 ? 0 : strides[i - offset]!));
}

export const dot = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, x, i) => sum + x * strides[i]!, 0);
