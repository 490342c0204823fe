import { formatShape } from '../onnx/dims.js';
import type { OpDefinition } from './definition.js';
import { floats, int64 } from './element-types.js';

export interface RotaryEmbeddingAttributes {
  /** 1 = pairs are neighbours (x₀, x₁); 0 = halves of the head (x₀, x_{d/2}). */
  interleaved?: number;
  /** With it the width of x alone does not say the size of a head: what `rotary_embedding_dim` needs. */
  num_heads?: number;
  /** So many elements of each head, its first, are rotated; the others stay. Default: all. */
  rotary_embedding_dim?: number;
}

/**
 * Rotates pairs of every head by the angles of their positions. Inputs: x [batch, sequence, heads·d] or [batch, heads, sequence, d];
 * position_ids int64 [batch, sequence], or [1] for the first position of rows that count up from it; cos and sin [positions, r/2],
 * where r is how many elements of a head are rotated.
 */
export const RotaryEmbedding: OpDefinition<RotaryEmbeddingAttributes> = {
  domain: 'com.microsoft',
  since: 1,
  inputs: [4, 4],
  outputs: [1, 1],
  types: [{ T: floats }, int64, 'T', 'T'],
  attributes: { interleaved: 'flag', num_heads: 'int', rotary_embedding_dim: 'int' },
  infer: (context) => {
    const { dtype, shape } = context.input(0);
    const half = context.input(2).shape[1];
    const last = shape.at(-1);
    if (shape.length !== 3 && shape.length !== 4)
      context.fail('x must have three or four axes', { found: formatShape(shape) });
    if (
      typeof half !== 'number' ||
      typeof last !== 'number' ||
      !fits(context.attributes, shape.length, last, half)
    )
      context.fail('the caches do not fit the heads', {
        found: `x ${formatShape(shape)}, cos ${formatShape(context.input(2).shape)}`,
      });
    return [{ dtype, shape }];
  },
  evaluate: ({ input, attributes: { interleaved = 0, num_heads = 0, rotary_embedding_dim = 0 } }) => {
    const [x, positions, cos, sin] = [input(0), input(1), input(2), input(3)];
    const half = cos.shape[1]!;
    const size = rotary_embedding_dim ? x.shape[2]! / num_heads : 2 * half;
    const data = Float64Array.from(x.data);
    const split = x.shape.length === 3;
    const sequence = x.shape[split ? 1 : 2]!;
    const heads = split ? x.shape[2]! / size : x.shape[1]!;
    for (let start = 0, head = 0; start < data.length; start += size, head++) {
      // [b, s, h] or [b, h, s] in row-major order
      const s = split ? Math.floor(head / heads) % sequence : head % sequence;
      const b = Math.floor(head / (heads * sequence));
      const position =
        positions.shape.length === 1 ? positions.data[0]! + s : positions.data[b * sequence + s]!;
      for (let i = 0; i < half; i++) {
        const [p, q] = interleaved ? [start + 2 * i, start + 2 * i + 1] : [start + i, start + i + half];
        const [c, n] = [cos.data[position * half + i]!, sin.data[position * half + i]!];
        data[p] = x.data[p]! * c - x.data[q]! * n;
        data[q] = x.data[q]! * c + x.data[p]! * n;
      }
    }
    return [{ ...x, data }];
  },
  // A rotation's transpose turns by the opposite angle: the same operator with −sin.
  gradient: ({ g, dy, input, attributes }) => [
    () => g.op('RotaryEmbedding', [dy, input(1), input(2), g.op('Neg', [input(3)])], attributes),
    'none',
    'none',
    'none',
  ],
};

function fits(
  { num_heads: heads = 0, rotary_embedding_dim: rotated = 0 }: RotaryEmbeddingAttributes,
  axes: number,
  last: number,
  half: number,
): boolean {
  if (axes === 4) return !rotated && last === 2 * half;
  if (!rotated) return last % (2 * half) === 0;
  return rotated === 2 * half && heads > 0 && last % heads === 0 && last / heads >= rotated;
}
