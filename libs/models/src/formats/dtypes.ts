/** The element types of safetensors files: bytes an element, and the array that holds them. */
export const elementTypes = {
  F64: { bytes: 8, array: Float64Array },
  I64: { bytes: 8, array: BigInt64Array },
  U64: { bytes: 8, array: BigUint64Array },
  F32: { bytes: 4, array: Float32Array },
  I32: { bytes: 4, array: Int32Array },
  U32: { bytes: 4, array: Uint32Array },
  // Half precision is kept as its bits: see floats.ts for the way to float32.
  F16: { bytes: 2, array: Uint16Array },
  BF16: { bytes: 2, array: Uint16Array },
  I16: { bytes: 2, array: Int16Array },
  U16: { bytes: 2, array: Uint16Array },
  I8: { bytes: 1, array: Int8Array },
  U8: { bytes: 1, array: Uint8Array },
  BOOL: { bytes: 1, array: Uint8Array },
  F8_E4M3: { bytes: 1, array: Uint8Array },
  F8_E5M2: { bytes: 1, array: Uint8Array },
  // Known, so that they can be named: nothing is computed with them.
  C64: { bytes: 8, array: BigUint64Array },
  F8_E4M3FNUZ: { bytes: 1, array: Uint8Array },
  F8_E5M2FNUZ: { bytes: 1, array: Uint8Array },
  F8_E8M0: { bytes: 1, array: Uint8Array },
  F6_E2M3: { bytes: 0.75, array: Uint8Array },
  F6_E3M2: { bytes: 0.75, array: Uint8Array },
  F4: { bytes: 0.5, array: Uint8Array },
} as const;

export type ElementType = keyof typeof elementTypes;
export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export const isElementType = (name: unknown): name is ElementType =>
  typeof name === 'string' && Object.hasOwn(elementTypes, name);

export const elementCount = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** `[2, 3]` for messages. */
export const shownShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** A view on bytes as elements of `dtype`; copies only where the offset is not aligned. */
export function asElements(dtype: ElementType, bytes: Uint8Array): TensorData {
  const { array } = elementTypes[dtype];
  const size = array.BYTES_PER_ELEMENT;
  // A Buffer's slice is no copy.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
}
