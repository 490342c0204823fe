import type { OpAttributes, OpName } from '../ops/index.js';

export const dataTypes = [
  'float32',
  'float16',
  'bfloat16',
  'int32',
  'int64',
  'bool',
  'uint8',
  'int8',
] as const;
export type DataType = (typeof dataTypes)[number];

export const bytesPerElement: Readonly<Record<DataType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  int64: 8,
  bool: 1,
  uint8: 1,
  int8: 1,
};

export const isFloat = (dtype: DataType): boolean =>
  dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16';

/** A length: a number, or a polynomial of symbols such as `batch`, `batch*sequence` or `sequence+16` (see dims.ts). */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** One tensor of a graph, identified by object; names are unique within a graph. */
export interface Value {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: Shape;
  /** Of indices: no two of them (along the last axis, where they have depth) are equal. A promise, which no file keeps. */
  readonly distinct?: boolean;
  /** Of indices that rows are looked up by: this row gets no gradient (`padding_idx` of torch's Embedding). */
  readonly padding?: number;
  /** A constant for the gradient, whatever it is computed from: PyTorch's `detach()`. */
  readonly detached?: boolean;
}

/** float16 and bfloat16 are carried as their bits in a Uint16Array. */
export type TypedArray =
  Float32Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array | Int8Array | Float64Array;

export type InitializerData =
  /** Bytes of a file that lies in the graph's own folder (any offset that is a multiple of 8 will do). */
  | { readonly kind: 'external'; readonly location: string; readonly offset: number; readonly length: number }
  | { readonly kind: 'inline'; readonly data: TypedArray };

export interface Initializer {
  readonly value: Value;
  readonly data: InitializerData;
}

/** An operator applied to values; an omitted optional input is undefined. */
export interface Node<N extends OpName = OpName> {
  readonly name: string;
  readonly op: N;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: OpAttributes<N>;
}

/** Nodes are in an order in which every value is made before it is used. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  readonly nodes: readonly Node[];
  readonly values: ReadonlyMap<string, Value>;
}
