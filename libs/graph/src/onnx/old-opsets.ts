/**
 * What operators were in older opsets (and what other writers leave to defaults), as the operators of the table: axes, bounds and lengths
 * that were attributes become inputs, defaults become values. The versions are those of ONNX's Operators.md and Changelog.md.
 */
import { SLICE_END } from '../ops/slice.js';
import type { GraphBuilder } from './builder.js';
import { toNumbers } from './data.js';
import type { DecodedTensor, RawAttribute } from './decode-values.js';
import { dimProduct, normalizeAxis, sameShape } from './dims.js';
import type { Value } from './types.js';

/** A node of a file on its way into the graph. */
export interface RawNode {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Readonly<Record<string, RawAttribute>>;
  readonly outputCount: number;
}

export interface RuleContext {
  readonly g: GraphBuilder;
  readonly opset: number;
  /** Throws OP_UNSUPPORTED. */
  refuse(message: string, details?: { found?: string; allowed?: string }): never;
}

/** The node in today's form, or the value that it is where there is no node for it. */
export type Rule = (node: RawNode, context: RuleContext) => RawNode | Value;

const without = ({ attributes, ...node }: RawNode, ...names: string[]): RawNode => ({
  ...node,
  attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name))),
});
const withInputs = (node: RawNode, ...inputs: (Value | undefined)[]): RawNode => ({ ...node, inputs });
const ints = (value: RawAttribute | undefined): readonly number[] | undefined =>
  Array.isArray(value) && value.every(Number.isInteger) ? (value as readonly number[]) : undefined;
const rankOf = (node: RawNode): number => node.inputs[0]?.shape.length ?? 0;
const allAxes = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i);

/** An attribute that is the second input now. */
const asInput =
  (name: string): Rule =>
  (node, { g }) => {
    const given = ints(node.attributes[name]);
    return given ? withInputs(without(node, name), node.inputs[0], g.int64s(...given)) : node;
  };

const reduction: Rule = (node, context) => {
  const moved = asInput('axes')(node, context) as RawNode;
  const plain = without(moved, 'noop_with_empty_axes');
  const axes = plain.inputs[1];
  const empty = axes === undefined || context.g.contentOf(axes)?.length === 0;
  if (!empty) return plain;
  // Sums and means of nothing are the elements themselves; squares and logarithms are not.
  if (node.attributes['noop_with_empty_axes'] !== 1) return withInputs(plain, plain.inputs[0]);
  if (/^Reduce(Sum|Mean|Max|Min)$/.test(node.op)) return plain.inputs[0]!;
  return context.refuse('noop_with_empty_axes without axes');
};

const squeeze: Rule = (node, context) => {
  const moved = asInput('axes')(node, context) as RawNode;
  if (moved.inputs[1]) return moved;
  const ones = moved.inputs[0]!.shape.flatMap((dim, i) => (dim === 1 ? [i] : []));
  return withInputs(moved, moved.inputs[0], context.g.int64s(...ones));
};

/** Before 11 bounds were attributes; those of float32 itself bound nothing. */
const clip: Rule = (node, { g }) => {
  const [x, ...bounds] = node.inputs;
  const bound = (name: string, given: Value | undefined) => {
    const value = node.attributes[name];
    if (typeof value !== 'number' || Math.abs(value) > 3.4e38) return given;
    return g.scalar(x!.dtype, value);
  };
  return withInputs(without(node, 'min', 'max'), x, bound('min', bounds[0]), bound('max', bounds[1]));
};

const dropout: Rule = (node, { g, refuse }) => {
  const training = node.inputs[2] && g.numbersOf(node.inputs[2]);
  if (node.inputs[2] && training?.[0] !== 0)
    refuse('dropout in training', { allowed: 'training_mode false' });
  if (node.outputCount > 1) refuse('the mask of a dropout', { found: '2 outputs', allowed: '1' });
  return node.inputs[0]!;
};

/** Before 13: over all axes from `axis` (default 1) on, as one. */
const softmax: Rule = (node, { g, opset }) => {
  if (opset >= 13) return node;
  const x = node.inputs[0]!;
  const rank = x.shape.length;
  const { axis: given = 1 } = node.attributes;
  const axis = typeof given === 'number' ? normalizeAxis(given, rank) : NaN;
  if (axis === rank - 1) return { ...node, attributes: { axis: -1 } };
  // What is no axis is refused as one.
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) return { ...node, attributes: { axis: given } };
  const last = dimProduct(x.shape.slice(axis));
  const kept = new Array<number>(axis).fill(0); // a 0 copies the dimension
  const flat = g.op('Reshape', [x, g.int64s(...kept, typeof last === 'number' ? last : -1)]);
  const made = g.op(node.op as 'Softmax', [flat], { axis: -1 });
  return g.op('Reshape', [made, g.op('Shape', [x])]);
};

const slice: Rule = (node, { g }) => {
  const { starts, ends, axes } = node.attributes;
  const [x, ...given] = node.inputs;
  const input = (value: RawAttribute | undefined, i: number) => {
    const listed = ints(value);
    // Ends of 2⁶³ − 1 are no exact numbers here.
    const bounded = listed?.map((x) => Math.min(Math.max(x, -SLICE_END), SLICE_END));
    return bounded ? g.int64s(...bounded) : given[i];
  };
  const [from, to] = [input(starts, 0), input(ends, 1)];
  const count = from?.shape[0];
  const places = input(axes, 2) ?? (typeof count === 'number' ? axesLike(g, from!, count) : undefined);
  return withInputs(without(node, 'starts', 'ends', 'axes'), x, from, to, places, given[3]);
};
const axesLike = (g: GraphBuilder, like: Value, count: number): Value =>
  g.constant(like.dtype, [count], allAxes(count));

const split: Rule = (node, { g, refuse }) => {
  const x = node.inputs[0]!;
  const plain = without(node, 'split', 'num_outputs');
  const listed = ints(node.attributes['split']);
  if (listed) return withInputs(plain, x, g.int64s(...listed));
  if (node.inputs[1]) return plain;
  const axis = normalizeAxis((node.attributes['axis'] as number | undefined) ?? 0, x.shape.length);
  const length = x.shape[axis];
  if (typeof length !== 'number')
    return refuse('equal parts of an axis of unknown length', { found: `${length}` });
  const part = Math.ceil(length / node.outputCount);
  const lengths = Array.from({ length: node.outputCount }, (_, i) => Math.min(part, length - i * part));
  return withInputs(plain, x, g.int64s(...lengths));
};

const pad: Rule = (node, { g, refuse }) => {
  const { mode = 'constant', value = 0, pads, paddings } = node.attributes;
  const [x, given, constant, axes] = node.inputs;
  const filler = constant ? g.numbersOf(constant)?.[0] : value;
  if (mode !== 'constant') refuse('a mode of padding', { found: `${mode as string}`, allowed: 'constant' });
  if (filler !== 0) refuse('padding that is not zero', { found: `${filler as number}`, allowed: '0' });
  const listed = ints(pads ?? paddings) ?? (given && (g.contentOf(given) as readonly number[] | undefined));
  const plain = without(node, 'mode', 'value', 'pads', 'paddings');
  if (!axes) return withInputs(plain, x, ints(pads ?? paddings) ? g.int64s(...listed!) : given);
  const places = g.contentOf(axes);
  if (!listed || !places) return refuse('pads of axes that are not known');
  const rank = rankOf(node);
  const whole = new Array<number>(2 * rank).fill(0);
  places.forEach((place, i) => {
    const axis = normalizeAxis(place as number, rank);
    if (!(axis >= 0 && axis < rank)) refuse('an axis that there is not', { found: `${place}` });
    whole[axis] = listed[i]!;
    whole[axis + rank] = listed[i + places.length]!;
  });
  return withInputs(plain, x, g.int64s(...whole));
};

const reshape: Rule = (node, context) => {
  const { allowzero = 0 } = node.attributes;
  const moved = without(asInput('shape')(node, context) as RawNode, 'allowzero');
  const target = moved.inputs[1] && context.g.contentOf(moved.inputs[1]);
  if (allowzero === 1 && target?.includes(0) !== false) context.refuse('a Reshape to lengths of zero');
  return moved;
};

/** Before 7: broadcast only where asked for, the second operand's first axis at `axis` of the first's. */
const broadcast: Rule = (node, { g, opset, refuse }) => {
  const { axis, broadcast: asked } = node.attributes;
  const plain = without(node, 'axis', 'broadcast');
  const [a, b] = node.inputs;
  if (opset >= 7 || !a || !b) return node;
  if (asked !== 1 && !sameShape(a.shape, b.shape)) refuse('operands of two shapes without broadcast');
  if (asked !== 1 || typeof axis !== 'number') return plain;
  const behind = a.shape.length - normalizeAxis(axis, a.shape.length) - b.shape.length;
  if (behind <= 0) return plain;
  const places = Array.from({ length: behind }, (_, i) => b.shape.length + i);
  return withInputs(plain, a, g.op('Unsqueeze', [b, g.int64s(...places)]));
};

/** The exponent may be of another type. */
const power: Rule = (node, context) => {
  const [a, b] = node.inputs;
  const cast = a && b && a.dtype !== b.dtype ? context.g.op('Cast', [b], { to: a.dtype }) : b;
  return broadcast(withInputs(node, a, cast), context);
};

/** Of any number of inputs; the table's are of two. */
const pairwise: Rule = (node, { g }) => {
  if (node.inputs.length === 2) return node;
  const [first, ...rest] = node.inputs as Value[];
  return rest.reduce((a, b) => g.op(node.op as 'Max', [a, b]), first!);
};

const constant: Rule = ({ attributes }, { g, refuse }) => {
  const { value, value_float, value_floats, value_int, value_ints } = attributes;
  if (value && typeof value === 'object' && 'dtype' in value) {
    const { dtype, shape, data } = value as DecodedTensor;
    if (data.kind === 'inline') return g.constant(dtype, shape, toNumbers(data.data, dtype));
  }
  if (typeof value_float === 'number') return g.scalar('float32', value_float);
  if (typeof value_int === 'number') return g.scalar('int64', value_int);
  if (ints(value_floats)) return g.constant('float32', [ints(value_floats)!.length], ints(value_floats)!);
  if (ints(value_ints)) return g.int64s(...ints(value_ints)!);
  return refuse('a constant of another kind', { found: Object.keys(attributes).join(', ') });
};

const transpose: Rule = (node) =>
  node.attributes['perm'] ? node : { ...node, attributes: { perm: allAxes(rankOf(node)).reverse() } };

const shape: Rule = (node, { g }) => {
  const { start = 0, end } = node.attributes as { start?: number; end?: number };
  if (start === 0 && end === undefined) return without(node, 'start');
  const whole = g.op('Shape', [node.inputs[0]]);
  return g.op('Slice', [whole, g.int64s(start), g.int64s(end ?? rankOf(node)), g.int64s(0)]);
};

/** An attribute of which only one value is supported, and said by leaving it out. */
const only =
  (name: string, value: number): Rule =>
  (node, { refuse }) => {
    const found = node.attributes[name];
    if (found !== undefined && found !== value)
      refuse(`attribute ${name}`, { found: String(found), allowed: `${value}` });
    return without(node, name);
  };

const topK: Rule = (node, { g }) => {
  const { k } = node.attributes;
  return Number.isInteger(k) ? withInputs(without(node, 'k'), node.inputs[0], g.int64s(k as number)) : node;
};

/** In ai.onnx since 20, exact or approximated; in ONNX Runtime two operators. */
const gelu: Rule = (node) => {
  const op = node.attributes['approximate'] === 'tanh' ? 'FastGelu' : 'Gelu';
  return { ...without(node, 'approximate'), op };
};

const zerosOf: Rule = (node, { refuse }) => {
  const { value } = node.attributes;
  if (value === undefined) return { ...node, attributes: { dtype: 'float32', value: 0 } };
  const { dtype, data } = value as Partial<DecodedTensor>;
  if (!dtype || data?.kind !== 'inline')
    return refuse('attribute value', { allowed: 'a tensor in the file' });
  return { ...node, attributes: { dtype, value: toNumbers(data.data, dtype)[0]! } };
};

const oneHot: Rule = (node, context) => {
  const last = node.attributes['axis'] === rankOf(node);
  return last ? without(node, 'axis') : only('axis', -1)(node, context);
};

const normalization: Rule = (node, context) => only('stash_type', 1)(node, context);

export const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    ['Sum', 'Mean', 'SumSquare', 'Max', 'Min', 'L2', 'LogSumExp'].map((name) => [`Reduce${name}`, reduction]),
  ),
  ...Object.fromEntries(
    ['Add', 'Sub', 'Mul', 'Div', 'And', 'Or', 'Equal', 'Greater', 'Less'].map((op) => [op, broadcast]),
  ),
  ArgMax: only('select_last_index', 0),
  Cast: only('saturate', 1),
  Clip: clip,
  Constant: constant,
  ConstantOfShape: zerosOf,
  DequantizeLinear: only('output_dtype', 0),
  Dropout: dropout,
  Gelu: gelu,
  Gemm: (node) => without(node, 'broadcast'),
  LayerNormalization: normalization,
  LogSoftmax: softmax,
  Max: pairwise,
  Min: pairwise,
  OneHot: oneHot,
  Pad: pad,
  Pow: power,
  Reshape: reshape,
  Scatter: (node) => ({ ...node, op: 'ScatterElements' }),
  Shape: shape,
  SimplifiedLayerNormalization: normalization,
  Slice: slice,
  Softmax: softmax,
  Split: split,
  Squeeze: squeeze,
  TopK: topK,
  Transpose: transpose,
  Unsqueeze: asInput('axes'),
};
