import { normalizeAxis } from '../onnx/dims.js';
import { sizeOf, type Tensor } from '../reference/tensor.js';

/**
 * Applies `f` to every line of `x` along `axis` (all axes from `axis` on as one, with `merge`), in place of a copy.
 * The number of the line counts in row-major order of the other axes.
 */
export function mapLines(
  x: Tensor,
  axis: number,
  f: (line: Float64Array, row: number) => ArrayLike<number>,
  merge = false,
): Tensor {
  const at = normalizeAxis(axis, x.shape.length);
  const length = merge ? sizeOf(x.shape.slice(at)) : x.shape[at]!;
  const inner = merge ? 1 : sizeOf(x.shape.slice(at + 1));
  const outer = sizeOf(x.shape.slice(0, at));
  const data = new Float64Array(x.data.length);
  const line = new Float64Array(length);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i;
      for (let k = 0; k < length; k++) line[k] = x.data[start + k * inner]!;
      const result = f(line, o * inner + i);
      for (let k = 0; k < length; k++) data[start + k * inner] = result[k]!;
    }
  return { ...x, data };
}

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

export function softmaxLine(line: Float64Array): Float64Array {
  const top = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = line.map((x) => Math.exp(x - top));
  const total = sum(powers);
  return powers.map((p) => p / total);
}

/** x − ln Σ eˣ */
export function logSoftmaxLine(line: Float64Array): Float64Array {
  const top = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const logTotal = top + Math.log(sum(line.map((x) => Math.exp(x - top))));
  return line.map((x) => x - logTotal);
}

/** Mean, and 1/√(variance + ε) around it (around 0 for `centred` = false). */
export function moments(
  line: Float64Array,
  epsilon: number,
  centred: boolean,
): { mean: number; inverse: number } {
  const mean = centred ? sum(line) / line.length : 0;
  const variance = sum(line.map((x) => (x - mean) ** 2)) / line.length;
  return { mean, inverse: 1 / Math.sqrt(variance + epsilon) };
}
