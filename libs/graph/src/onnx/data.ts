import type { DataType, TypedArray } from './types.js';

/** A typed array of the element type that ONNX stores for `dtype`. float16 is not made here: widen it first. */
export function typedArray(dtype: DataType, numbers: ArrayLike<number>): TypedArray {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, BigInt));
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers);
    case 'int8':
      return Int8Array.from(numbers);
    case 'float16':
      throw new RangeError('float16 constants are not supported');
  }
}

/** The elements as numbers. */
export const toNumbers = (data: TypedArray): number[] =>
  Array.from(data as ArrayLike<number | bigint>, Number);
