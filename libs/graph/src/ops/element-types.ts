/**
 * The sets of element types that operators declare. They are what both the ONNX specification and ONNX Runtime's CPU kernels take: a
 * graph that these checks accept loads. (float16 is computed there through casts; bfloat16 is only moved and cast.)
 */
import type { DataType } from '../onnx/types.js';

export type ElementTypes = readonly DataType[];

export const floats = ['float32', 'float16'] as const;
/** What is summed and multiplied as matrices. */
export const wideNumbers = [...floats, 'int32', 'int64'] as const;
export const numbers = [...wideNumbers, 'uint8', 'int8'] as const;
/** All but bfloat16. */
export const computed = [...numbers, 'bool'] as const;
/** What is moved without being looked at. */
export const anyType = [...computed, 'bfloat16'] as const;

export const indices = ['int32', 'int64'] as const;
export const int64 = ['int64'] as const;
export const bool = ['bool'] as const;

/**
 * What one input takes: one of a set of types; `{ T: set }`, which also names the type that was found; or 'T', the type that an input
 * before it has under that name.
 */
export type InputTypes = ElementTypes | Readonly<Record<string, ElementTypes>> | string;

/** One entry an input; where an operator has more inputs than entries, the last is repeated. */
export type Signature = readonly [InputTypes, ...InputTypes[]];
