import type { GraphBuilder, Value } from '@temper/graph';
import { rotaryTables, type Rope } from '../architectures/rope.js';
import type { Build } from '../build/build.js';
import { padded, tokenRows } from '../build/inputs.js';
import { withPrefix, withPrefixMask, type KeysAndValues } from './prefix.js';
import { maskBias, mergeHeads, positions, splitHeads } from './layout.js';
import type { Attention, AttentionStrategy } from './strategy.js';

/** First position, cos and sin: the last inputs of RotaryEmbedding. */
type RotaryInputs = readonly [Value, Value, Value];

/**
 * Each example is a row of a padded batch. Grouped-query attention makes no copies of keys and values: the G queries that share a
 * key head become G rows of one product, [B, KV, S·G, d] × [B, KV, S, d]ᵀ; row s·G + g is query head kv·G + g at position s.
 */
export class PaddedAttention implements AttentionStrategy {
  readonly outputs: ReadonlyMap<string, Value> = new Map();
  /** What layers share. */
  private readonly biases = new Map<string, Value>();
  private readonly rotary = new Map<Rope, RotaryInputs>();

  attend(build: Build, a: Attention): Value {
    const { g } = build;
    const group = a.heads / a.kvHeads;
    const queries = this.queries(build, a, group);
    const { keys, values } = this.keysAndValues(build, a);

    const alpha = a.scale ?? 1 / Math.sqrt(a.headSize);
    const scores = capped(g, g.op('FusedMatMul', [queries, keys], { transB: 1, alpha }), a.softcap); // [B, KV, S·G, S]
    const biased = a.scoreBias ? g.op('Add', [scores, this.scoreBias(build, a, queries, keys)]) : scores;
    const weights = g.op('Softmax', [g.op('Add', [biased, this.bias(build, a, group)])], { axis: -1 });
    const kept = build.dropout(a.place, weights, a.dropout);
    const attended = g.op('MatMul', [kept, values]); // [B, KV, S·G, d]
    const shape = g.int64s(0, 0, -1, group * a.headSize);
    const merged = mergeHeads(g, group === 1 ? attended : g.op('Reshape', [attended, shape]));
    return a.firstOnly ? g.op('Squeeze', [merged, g.int64s(1)]) : tokenRows(g, build.inputs, merged);
  }

  /** [B, KV, prefix + S, d] each. */
  protected keysAndValues(build: Build, a: Attention): KeysAndValues {
    const { g, inputs } = build;
    return withPrefix(build, a, {
      keys: splitHeads(g, this.rotated(build, a, padded(g, inputs, a.k), a.kvHeads), a.kvHeads, a.headSize),
      values: splitHeads(g, padded(g, inputs, a.v), a.kvHeads, a.headSize),
    });
  }

  private scoreBias({ g, inputs }: Build, a: Attention, queries: Value, keys: Value): Value {
    const key = `distances ${a.firstOnly}`;
    let distances = this.biases.get(key);
    if (!distances) {
      const from = queryPositions(g, inputs.inputIds, 1, a.firstOnly ?? false);
      distances = g.op('Sub', [g.op('Unsqueeze', [from, g.int64s(1)]), positions(g, inputs.inputIds)]);
      this.biases.set(key, distances);
    }
    return a.scoreBias!({ queries, keys, distances });
  }

  /** [B, KV, S·G, d] */
  private queries(build: Build, a: Attention, group: number): Value {
    const { g } = build;
    if (a.firstOnly) return splitHeads(g, g.op('Unsqueeze', [a.q, g.int64s(1)]), a.heads, a.headSize);
    const turned = this.rotated(build, a, padded(g, build.inputs, a.q), a.heads);
    const queries = splitHeads(g, turned, a.kvHeads, group * a.headSize);
    return group === 1 ? queries : g.op('Reshape', [queries, g.int64s(0, 0, -1, a.headSize)]);
  }

  private rotated(build: Build, { rotary, headSize }: Attention, x: Value, heads: number): Value {
    if (!rotary) return x;
    const inPart = rotary.size === headSize ? {} : { num_heads: heads, rotary_embedding_dim: rotary.size };
    const attributes = { interleaved: rotary.interleaved ? 1 : 0, ...inPart };
    return build.g.op('RotaryEmbedding', [x, ...this.rotaryInputs(build, rotary)], attributes);
  }

  private rotaryInputs(build: Build, rope: Rope): RotaryInputs {
    const { g, maxSequence } = build;
    let inputs = this.rotary.get(rope);
    if (!inputs) {
      const { cos, sin } = rotaryTables(rope, maxSequence);
      const number = this.rotary.size || '';
      const table = (name: string, data: Float32Array) =>
        g.initializer(`rotary${number}.${name}`, 'float32', [maxSequence, data.length / maxSequence], {
          kind: 'inline',
          data,
        });
      inputs = [this.firstPosition(build), table('cos', cos), table('sin', sin)];
      this.rotary.set(rope, inputs);
    }
    return inputs;
  }

  /** int64 [1], from which positions count up, or [B, S]: what RotaryEmbedding turns by. */
  protected firstPosition({ g, inputs }: Build): Value {
    return inputs.past ?? g.int64s(0);
  }

  /** Added to the scores; layers that see alike share it. */
  private bias(build: Build, a: Attention, group: number): Value {
    const { causal, window, firstOnly = false } = a;
    const near = window !== undefined && window < build.maxSequence ? window : undefined;
    const key = `${causal} ${near} ${group} ${near !== undefined && firstOnly}`;
    let bias = this.biases.get(key);
    if (!bias) {
      bias = this.makeBias(build, a, { causal, near, group });
      this.biases.set(key, bias);
    }
    return bias;
  }

  /** [B, 1, S·G, S], or [B, 1, 1, S] where every token is seen. */
  protected makeBias(build: Build, { firstOnly = false }: Attention, sight: Sight): Value {
    const { g, inputs } = build;
    const mask = withPrefixMask(build, inputs.attentionMask);
    const real = g.op('Unsqueeze', [g.op('Cast', [mask], { to: 'bool' }), g.int64s(1, 2)]);
    const queries = queryPositions(g, inputs.inputIds, sight.group, firstOnly);
    const visible = visibleKeys(
      g,
      {
        queries: inputs.past ? g.op('Add', [queries, inputs.past]) : queries,
        keys: positions(g, mask),
      },
      sight,
    );
    return maskBias(g, visible ? g.op('And', [real, visible]) : real);
  }
}

/** What a layer's queries see. */
export interface Sight {
  readonly causal: boolean;
  readonly near: number | undefined;
  /** Query heads that share a key head. */
  readonly group: number;
}

/**
 * bool [..., queries, keys], of their positions int64 [..., queries] and [keys]: a key is seen that is not after the query (causal) and less
 * than `near` from it; undefined: all are.
 */
export function visibleKeys(
  g: GraphBuilder,
  of: { readonly queries: Value; readonly keys: Value },
  { causal, near }: Pick<Sight, 'causal' | 'near'>,
): Value | undefined {
  if (!causal && near === undefined) return undefined;
  const queries = g.op('Unsqueeze', [of.queries, g.int64s(-1)]);
  const before = causal ? g.op('GreaterOrEqual', [queries, of.keys]) : undefined;
  if (near === undefined) return before;
  const distance = g.op('Sub', [queries, of.keys]);
  const isNear = g.op('Less', [causal ? distance : g.op('Abs', [distance]), g.scalar('int64', near)]);
  return before ? g.op('And', [before, isNear]) : isNear;
}

/** int64 [Q]: of all tokens, each `group` times in a row, or of the first alone. */
const queryPositions = (g: GraphBuilder, tokens: Value, group: number, firstOnly: boolean): Value =>
  firstOnly ? g.int64s(0) : positions(g, tokens, group);

/** c·tanh(scores/c), as Gemma 2 bounds its scores. */
function capped(g: GraphBuilder, scores: Value, softcap: number | undefined): Value {
  if (softcap === undefined) return scores;
  const cap = g.scalar('float32', softcap);
  return g.op('Mul', [g.op('Tanh', [g.op('Div', [scores, cap])]), cap]);
}
