import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import { maskBias, positions } from './layout.js';
import { PaddedAttention, visibleKeys, type Sight } from './padded.js';
import type { KeysAndValues } from './prefix.js';
import type { Attention } from './strategy.js';

/**
 * Generation: the tokens of `input_ids` go on from those whose keys and values are in a cache, a slot a position. Inputs
 * `past_key_values.N.key` and `.value` [B, KV, slots, d] of each layer, of which the first `past_length` hold something and the others
 * any finite number; outputs `present.N.key` and `.value`, the same with those of the new tokens in the slots behind. So the memory of an
 * input can be that of its output: nothing is copied, and a token costs the same wherever it stands, but for the products with the slots
 * themselves.
 *
 * Examples of unequal length have padding at their ends; what it leaves in the slots behind an example is not seen, and written over.
 */
export class CachedAttention extends PaddedAttention {
  override readonly outputs = new Map<string, Value>();
  /** int64 [B, KV, tokens, d]: the slot of each element; of layers alike it is one. */
  private readonly slots = new Map<string, Value>();

  protected override keysAndValues(build: Build, a: Attention): KeysAndValues {
    const { g } = build;
    const { keys, values } = super.keysAndValues(build, a);
    const written = (part: 'key' | 'value', now: Value) => {
      const name = `${a.layer}.${part}`;
      const past = g.input(`past_key_values.${name}`, 'float32', ['batch', a.kvHeads, 'slots', a.headSize]);
      const all = g.op('ScatterElements', [past, this.slotsOf(build, a, now), now], { axis: 2 });
      this.outputs.set(`present.${name}`, all);
      return all;
    };
    return { keys: written('key', keys), values: written('value', values) };
  }

  private slotsOf(build: Build, a: Attention, now: Value): Value {
    const { g } = build;
    const key = `${a.kvHeads} ${a.headSize}`;
    let slots = this.slots.get(key);
    if (!slots) {
      const column = g.op('Unsqueeze', [withPrefixSlots(build, positionsFrom(build, 1)), g.int64s(1, 3)]);
      slots = g.op('Expand', [column, g.op('Shape', [now])]);
      this.slots.set(key, slots);
    }
    return slots;
  }

  /** The positions [B, S] themselves: each example has its own. */
  protected override firstPosition(build: Build): Value {
    return positionsFrom(build, 1);
  }

  /** [B, 1, S·G, slots] */
  protected override makeBias(build: Build, { layer }: Attention, sight: Sight): Value {
    const { g } = build;
    const cache = this.outputs.get(`present.${layer}.key`)!;
    const count = g.op('Gather', [g.op('Shape', [cache]), g.scalar('int64', 2)]);
    const keys = g.op('Range', [g.scalar('int64', 0), count, g.scalar('int64', 1)]);
    const queries = positionsFrom(build, sight.group);
    // Slots that hold nothing yet are behind every query.
    const visible = visibleKeys(g, { queries, keys }, { ...sight, causal: true })!;
    return maskBias(g, g.op('Unsqueeze', [visible, g.int64s(1)]));
  }
}

/** int64 [B, S·times]: positions count up from what each example has in the cache, each `times` times in a row. */
const positionsFrom = ({ g, inputs }: Build, times: number): Value =>
  g.op('Add', [g.op('Unsqueeze', [inputs.past!, g.int64s(1)]), positions(g, inputs.inputIds, times)]);

/** The method's prefix is written anew with every token, into the slots in front: it costs the same each time. */
function withPrefixSlots({ g, options }: Build, own: Value): Value {
  const { prefixTokens } = options.hooks;
  if (!prefixTokens) return own;
  const batch = g.op('Gather', [g.op('Shape', [own]), g.int64s(0)]);
  const shape = g.op('Concat', [batch, g.int64s(prefixTokens)], { axis: 0 });
  const row = g.int64s(...Array.from({ length: prefixTokens }, (_, slot) => slot));
  return g.op('Concat', [g.op('Expand', [row, shape]), own], { axis: 1 });
}
