import { TemperError } from '@temper/contracts';
import { bfloat16ToNumber, halfToNumber, numberToBfloat16, numberToHalf } from './half.js';
import type { DataType, TypedArray } from './types.js';

/** A typed array of the element type that ONNX stores for `dtype`; the 16-bit floats as their bits. */
export function typedArray(dtype: DataType, numbers: ArrayLike<number>): TypedArray {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, wholeNumber));
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers);
    case 'int8':
      return Int8Array.from(numbers);
    case 'float16':
      return Uint16Array.from(numbers, numberToHalf);
    case 'bfloat16':
      return Uint16Array.from(numbers, numberToBfloat16);
  }
}

function wholeNumber(x: number): bigint {
  if (Number.isInteger(x)) return BigInt(x);
  throw new TemperError('GRAPH_INVALID', {
    path: 'a constant',
    message: 'an int64 is no whole number',
    found: `${x}`,
  });
}

/** The elements as numbers. */
export function toNumbers(data: TypedArray, dtype?: DataType): number[] {
  const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
  if (dtype === 'float16') return numbers.map(halfToNumber);
  return dtype === 'bfloat16' ? numbers.map(bfloat16ToNumber) : numbers;
}
