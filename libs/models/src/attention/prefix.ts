import { TemperError } from '@temper/contracts';
import type { Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import type { Attention } from './strategy.js';

/** [B, KV, S, d] each. */
export interface KeysAndValues {
  readonly keys: Value;
  readonly values: Value;
}

/** Keys and values with the method's prefix in front of them: [B, KV, prefix + S, d]. */
export function withPrefix(build: Build, a: Attention, own: KeysAndValues): KeysAndValues {
  const prefix = build.options.hooks.prefix?.(build, a);
  if (!prefix) return own;
  if (a.scoreBias) {
    throw new TemperError('SPEC_INVALID', {
      path: 'method.type',
      message: 'puts keys and values in front of the texts, for which this family has no distances',
      hint: 'a method that puts tokens there has no need of them',
    });
  }
  const { g } = build;
  const rows = build.options.hooks.prefixTokens!;
  const batch = g.op('Gather', [g.op('Shape', [own.keys]), g.int64s(0)]);
  const inFront = (part: Value, of: Value) => {
    const heads = g.op('Reshape', [part, g.int64s(1, rows, a.kvHeads, a.headSize)]);
    const shape = g.op('Concat', [batch, g.int64s(a.kvHeads, rows, a.headSize)], { axis: 0 });
    const all = g.op('Expand', [g.op('Transpose', [heads], { perm: [0, 2, 1, 3] }), shape]);
    return g.op('Concat', [all, of], { axis: 2 });
  };
  return { keys: inFront(prefix.keys, own.keys), values: inFront(prefix.values, own.values) };
}

/** The mask [B, S] with ones for the prefix in front: [B, prefix + S]. */
export function withPrefixMask({ g, options }: Build, mask: Value): Value {
  const { prefixTokens } = options.hooks;
  if (!prefixTokens) return mask;
  const batch = g.op('Gather', [g.op('Shape', [mask]), g.int64s(0)]);
  const shape = g.op('Concat', [batch, g.int64s(prefixTokens)], { axis: 0 });
  return g.op('Concat', [g.op('ConstantOfShape', [shape], { dtype: 'int32', value: 1 }), mask], { axis: 1 });
}
