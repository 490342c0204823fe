/** What the elementwise operators share: numpy broadcasting in inference and evaluation. */
import { broadcastShapes, formatShape } from '../onnx/dims.js';
import type { DataType, Dim } from '../onnx/types.js';
import { broadcastStrides, dot, forEachIndex, sizeOf, type Tensor } from '../reference/tensor.js';
import type { EvaluateContext, InferContext, OutputType } from './definition.js';

/** Output of the input's type and shape. */
export function sameAsInput(context: InferContext<unknown>): OutputType[] {
  const { dtype, shape } = context.input(0);
  return [{ dtype, shape }];
}

/** Output of the broadcast shape of all inputs, and of the type of the first. */
export function inferBroadcast(
  context: InferContext<unknown>,
  options: { dtype?: DataType; first?: number } = {},
): OutputType {
  const { first = 0 } = options;
  let shape = context.input(first).shape;
  for (let i = first; i < context.inputs.length; i++) {
    const next = context.input(i);
    shape =
      broadcastShapes(shape, next.shape) ??
      context.fail('shapes do not broadcast', {
        found: `${formatShape(shape)} and ${formatShape(next.shape)}`,
      });
  }
  return { dtype: options.dtype ?? context.input(first).dtype, shape };
}

/** Elements of a combination of two known integer vectors (or a vector and one element). */
export function combineContents(
  context: InferContext<unknown>,
  combine: (a: Dim, b: Dim) => Dim | undefined,
): Dim[] | undefined {
  const a = context.content(0);
  const b = context.content(1);
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
  const length = a.length === 1 ? b.length : a.length;
  const result: Dim[] = [];
  for (let i = 0; i < length; i++) {
    const element = combine(a[a.length === 1 ? 0 : i]!, b[b.length === 1 ? 0 : i]!);
    if (element === undefined) return undefined;
    result.push(element);
  }
  return result;
}

export function evaluateUnary(context: EvaluateContext<unknown>, f: (x: number) => number): Tensor[] {
  const x = context.input(0);
  return [{ ...x, data: x.data.map(f) }];
}

/** f over the elements of the inputs from `first` on, broadcast. */
export function evaluateBroadcast(
  context: EvaluateContext<unknown>,
  f: (...elements: number[]) => number,
  dtype?: DataType,
): Tensor[] {
  const inputs = context.inputs.map((_, i) => context.input(i));
  const shape = inputs.map((t) => t.shape).reduce((a, b) => broadcastShapes(a, b) as number[]);
  const strides = inputs.map((t) => broadcastStrides(t.shape, shape));
  const data = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (flat, index) => {
    data[flat] = f(...inputs.map((t, i) => t.data[dot(index, strides[i]!)]!));
  });
  return [{ dtype: dtype ?? inputs[0]!.dtype, shape, data }];
}
