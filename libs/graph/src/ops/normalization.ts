/** What the two layer normalisations share: y = x̂ ∘ scale (+ bias), x̂ = (x − mean) · inv over the last axis. */
import { formatShape, normalizeAxis } from '../onnx/dims.js';
import type { Dim, Value } from '../onnx/types.js';
import type { Tensor } from '../reference/tensor.js';
import type { EvaluateContext, GradientContext, InferContext, OutputType } from './definition.js';
import { mapLines, moments } from './rows.js';

export interface NormalizationAttributes {
  axis?: number;
  epsilon?: number;
}

/** The last axis only: shapes with ones in place of it are the saved statistics'. */
export function inferNormalization(
  context: InferContext<NormalizationAttributes>,
  statistics: number,
): OutputType[] {
  const { dtype, shape } = context.input(0);
  const axis = normalizeAxis(context.attributes.axis ?? -1, shape.length);
  if (axis !== shape.length - 1)
    context.fail('only the last axis is supported', { found: `axis ${axis}`, allowed: '-1' });
  const length = shape[axis]!;
  for (const index of [1, 2])
    if (
      context.inputs[index] &&
      (context.input(index).shape.length !== 1 || context.input(index).shape[0] !== length)
    )
      context.fail(`input ${index} has a wrong shape`, {
        found: formatShape(context.input(index).shape),
        allowed: formatShape([length]),
      });
  const rows: Dim[] = [...shape.slice(0, -1), 1];
  return [
    { dtype, shape },
    ...Array.from({ length: statistics }, () => ({ dtype: 'float32' as const, shape: rows })),
  ];
}

export function evaluateNormalization(
  context: EvaluateContext<NormalizationAttributes>,
  centred: boolean,
): { y: Tensor; mean: Tensor; inverse: Tensor } {
  const x = context.input(0);
  const scale = context.input(1).data;
  const bias = context.inputs[2]?.data;
  const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const mean = new Float64Array(rows);
  const inverse = new Float64Array(rows);
  const y = mapLines(x, -1, (line, row) => {
    const m = moments(line, context.attributes.epsilon ?? 1e-5, centred);
    mean[row] = m.mean;
    inverse[row] = m.inverse;
    return line.map((value, i) => (value - m.mean) * m.inverse * scale[i]! + (bias?.[i] ?? 0));
  });
  const shape = [...x.shape.slice(0, -1), 1];
  return {
    y,
    mean: { dtype: 'float32', shape, data: mean },
    inverse: { dtype: 'float32', shape, data: inverse },
  };
}

/**
 * dx = inv · (dx̂ − [mean dx̂] − x̂ · mean(dx̂ ∘ x̂)), dx̂ = dy ∘ scale; the bracket only where x was centred.
 */
export function normalizationGradient(
  { g, dy, input }: GradientContext<NormalizationAttributes>,
  normalized: Value,
  inverse: Value,
  centred: boolean,
): Value {
  const last = g.int64s(-1);
  const dNormalized = g.op('Mul', [dy, input(1)]);
  const projection = g.op('ReduceMean', [g.op('Mul', [dNormalized, normalized]), last], { keepdims: 1 });
  const along = g.op('Mul', [normalized, projection]);
  const rest = centred
    ? g.op('Sub', [
        g.op('Sub', [dNormalized, g.op('ReduceMean', [dNormalized, last], { keepdims: 1 })]),
        along,
      ])
    : g.op('Sub', [dNormalized, along]);
  return g.op('Mul', [rest, inverse]);
}
