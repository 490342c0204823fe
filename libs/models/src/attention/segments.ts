import type { GraphBuilder, Value } from '@temper/graph';
import type { Build } from '../build/build.js';
import { maskBias, positions } from './layout.js';
import { PaddedAttention, visibleKeys, type Sight } from './padded.js';
import type { Attention } from './strategy.js';

/** Packed rows: several examples one behind the other, each of which sees itself alone. */
export class SegmentedAttention extends PaddedAttention {
  /** [B, 1, S·G, S] */
  protected override makeBias({ g, inputs }: Build, _: Attention, sight: Sight): Value {
    const own = sameSegment(g, inputs.packed!.segments, sight.group);
    // Inside a segment, places are as far apart as positions.
    const places = {
      queries: positions(g, inputs.inputIds, sight.group),
      keys: positions(g, inputs.inputIds),
    };
    const visible = visibleKeys(g, places, sight);
    return maskBias(g, visible ? g.op('And', [own, visible]) : own);
  }

  protected override firstPosition({ inputs }: Build): Value {
    return inputs.packed!.positions;
  }
}

/** bool [B, 1, S·G, S] of segments [B, S]. */
function sameSegment(g: GraphBuilder, segments: Value, group: number): Value {
  const queries =
    group === 1 ? segments : g.op('Gather', [segments, positions(g, segments, group)], { axis: 1 });
  return g.op('Equal', [
    g.op('Unsqueeze', [queries, g.int64s(1, 3)]),
    g.op('Unsqueeze', [segments, g.int64s(1, 2)]),
  ]);
}
