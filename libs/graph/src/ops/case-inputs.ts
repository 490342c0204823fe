/** How the inputs of a case are written. */
import type { DataType } from '../onnx/types.js';

export interface CaseInput {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  /** Given to the operator as a constant (axes, shapes): never differentiated. */
  readonly constant?: true;
}

/** Numbers in [low, high), the same on every run (mulberry32). */
export function numbers(count: number, seed: number, low = -2, high = 2): number[] {
  let state = seed * 0x9e3779b9;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return low + ((t ^ (t >>> 14)) >>> 0) * 2 ** -32 * (high - low);
  });
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Random floats; every call with another `seed` differs. */
export const f = (shape: readonly number[], seed = 1, low = -2, high = 2): CaseInput => ({
  dtype: 'float32',
  shape,
  data: numbers(size(shape), seed, low, high).map(Math.fround),
});
export const given = (shape: readonly number[], data: readonly number[]): CaseInput => ({
  dtype: 'float32',
  shape,
  data,
});
export const typed = (dtype: DataType, shape: readonly number[], data: readonly number[]): CaseInput => ({
  dtype,
  shape,
  data,
});
export const ints = (...data: number[]): CaseInput => ({
  dtype: 'int64',
  shape: [data.length],
  data,
  constant: true,
});
export const int = (value: number): CaseInput => ({
  dtype: 'int64',
  shape: [],
  data: [value],
  constant: true,
});
export const indices = (shape: readonly number[], data: readonly number[]) => typed('int64', shape, data);
export const scalar = (value: number): CaseInput => ({ ...given([], [value]), constant: true });
export const fixed = (input: CaseInput): CaseInput => ({ ...input, constant: true });
export const mask = (shape: readonly number[]): CaseInput =>
  typed(
    'bool',
    shape,
    numbers(size(shape), 7).map((x) => (x > 0 ? 1 : 0)),
  );
