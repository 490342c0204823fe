import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import { maskBias, positions } from './layout.js';
import { PaddedAttention, visibleKeys, type Sight } from './padded.js';
import type { KeysAndValues } from './prefix.js';
import type { Attention } from './strategy.js';

/**
 * Generation: the tokens of `input_ids` go on from those whose keys and values are in a cache. Inputs `past_key_values.N.key` and
 * `.value` [B, KV, past, d] of each layer, outputs `present.N.key` and `.value` [B, KV, past + S, d], as in Optimum's exports. There is
 * no padding.
 */
export class CachedAttention extends PaddedAttention {
  override readonly outputs = new Map<string, Value>();

  protected override keysAndValues(build: Build, a: Attention): KeysAndValues {
    const { g } = build;
    const { keys, values } = super.keysAndValues(build, a);
    const extended = (part: 'key' | 'value', now: Value) => {
      const name = `${a.layer}.${part}`;
      const past = g.input(`past_key_values.${name}`, 'float32', ['batch', a.kvHeads, 'past', a.headSize]);
      const all = g.op('Concat', [past, now], { axis: 2 });
      this.outputs.set(`present.${name}`, all);
      return all;
    };
    return { keys: extended('key', keys), values: extended('value', values) };
  }

  /** [S·G, past + S] */
  protected override makeBias(build: Build, { layer }: Attention, sight: Sight): Value {
    const { g, inputs } = build;
    const all = g.op('Gather', [
      g.op('Shape', [this.outputs.get(`present.${layer}.key`)!]),
      g.scalar('int64', 2),
    ]);
    const { prefixTokens } = build.options.hooks;
    const count = prefixTokens ? g.op('Add', [all, g.scalar('int64', prefixTokens)]) : all;
    const keys = g.op('Range', [g.scalar('int64', 0), count, g.scalar('int64', 1)]);
    const queries = g.op('Add', [positions(g, inputs.inputIds, sight.group), inputs.past!]);
    const visible = visibleKeys(g, { queries, keys }, sight);
    return visible ? maskBias(g, visible) : g.scalar('float32', 0);
  }
}
