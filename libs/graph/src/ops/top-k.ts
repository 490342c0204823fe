import { formatShape, normalizeAxis, sameShape } from '../onnx/dims.js';
import { sizeOf } from '../reference/tensor.js';
import type { OpDefinition } from './definition.js';
import { int64, numbers } from './element-types.js';
import { zerosLike } from './gradients.js';

export interface TopKAttributes {
  axis?: number;
  /** 1 (default): the largest first; 0: the smallest. */
  largest?: number;
  /** 1: in order. ONNX Runtime orders them in any case. */
  sorted?: number;
}

/** The K (a known [1]) largest along an axis, and their places as int64; of equal ones the first. */
export const TopK: OpDefinition<TopKAttributes> = {
  domain: '',
  since: 11,
  inputs: [2, 2],
  outputs: [2, 2],
  types: [numbers, int64],
  attributes: { axis: 'axis', largest: 'flag', sorted: 'flag' },
  saves: 2,
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const axis = normalizeAxis(context.attributes.axis ?? -1, shape.length);
    const k = context.content(1)?.[0] ?? context.fail('K must be known');
    const length = shape[axis] ?? context.fail('a scalar has no axis');
    if (!sameShape(context.input(1).shape, [1]))
      context.fail('K must be a vector of one', { found: formatShape(context.input(1).shape) });
    if (typeof k === 'number' && (k < 0 || (typeof length === 'number' && k > length)))
      context.fail('K is out of range', { found: `${k}`, allowed: `0 to ${length}` });
    const kept = shape.map((dim, i) => (i === axis ? k : dim));
    return [
      { dtype, shape: kept },
      { dtype: 'int64', shape: kept },
    ];
  },
  evaluate: ({ input, attributes: { axis = -1, largest = 1 } }) => {
    const [x, k] = [input(0), input(1).data[0]!];
    const at = normalizeAxis(axis, x.shape.length);
    const length = x.shape[at]!;
    const inner = sizeOf(x.shape.slice(at + 1));
    const shape = x.shape.map((dim, i) => (i === at ? k : dim));
    const values = new Float64Array(sizeOf(shape));
    const places = new Float64Array(sizeOf(shape));
    for (let line = 0; line < x.data.length / length; line++) {
      const [outer, i] = [Math.floor(line / inner), line % inner];
      const element = (place: number) => x.data[(outer * length + place) * inner + i]!;
      const order = Array.from({ length }, (_, place) => place);
      order.sort((a, b) => (largest ? element(b) - element(a) : element(a) - element(b)));
      order.slice(0, k).forEach((place, rank) => {
        const to = (outer * k + rank) * inner + i;
        values[to] = element(place);
        places[to] = place;
      });
    }
    return [
      { ...x, shape, data: values },
      { dtype: 'int64', shape, data: places },
    ];
  },
  gradient: ({ g, dy, input, output, attributes: { axis = -1 } }) => [
    () => g.op('ScatterElements', [zerosLike(g, input(0)), output(1), dy], { axis }),
    'none',
  ],
};
