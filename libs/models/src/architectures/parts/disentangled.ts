import type { Value } from '@temper/graph';
import type { Attention, ScoreContext } from '../../attention/strategy.js';
import type { Build } from '../../build/build.js';
import type { DebertaSettings, RelativeAttention } from './deberta-config.js';
import { ofDistances, perValue } from './distances.js';

/** Names of the modules that make something of positions. */
export interface Disentangled {
  readonly table: string;
  readonly norm: string | undefined;
  keys(layer: number): string;
  queries(layer: number): string;
  dropout(layer: number): string;
}

/**
 * Disentangled attention (He et al. 2020, DeBERTa): to the scores of contents come those of the query's content with the key's
 * position, QᶜKʳᵀ, and of the key's content with the query's, KᶜQʳᵀ, where Kʳ and Qʳ are projections of a table whose rows stand for
 * distances (DisentangledSelfAttention of modeling_deberta_v2.py). All terms are divided by √(headSize · terms).
 */
export function disentangled(
  build: Build,
  s: DebertaSettings,
  names: Disentangled,
): (layer: number) => Pick<Attention, 'scoreBias' | 'scale'> {
  const scale = 1 / Math.sqrt((s.hidden / s.heads) * s.terms);
  const { relative } = s;
  if (!relative || s.terms === 1) return () => ({ scale });
  const ids = build.g.int64s(...Array.from({ length: 2 * relative.span }, (_, i) => i));
  const table = build.embedding(names.table, ids);
  const rows = names.norm ? build.norm(names.norm, table) : table; // [2·span, hidden]
  const buckets = perValue((distances) =>
    ofDistances(build, distances, (distance) => relativeRow(distance, relative)),
  );
  return (layer) => ({
    scale,
    scoreBias: (context) => {
      const dropped = build.dropout(names.dropout(layer), rows, s.hiddenDropout);
      const heads = (module: string) => headsOf(build, build.linear(module, dropped), s);
      const index = everywhere(build, buckets(context.distances), context);
      const terms = [
        ...(relative.contentToPosition
          ? [contentToPosition(build, context, heads(names.keys(layer)), index, scale)]
          : []),
        ...(relative.positionToContent
          ? [positionToContent(build, context, heads(names.queries(layer)), index, scale)]
          : []),
      ];
      return terms.reduce((sum, term) => build.g.op('Add', [sum, term]));
    },
  });
}

/** [2·span, hidden] → [1, heads, 2·span, headSize] */
const headsOf = ({ g }: Build, x: Value, { heads, hidden }: DebertaSettings): Value =>
  g.op('Transpose', [g.op('Reshape', [x, g.int64s(1, -1, heads, hidden / heads)])], { perm: [0, 2, 1, 3] });

/** Rows for query and key, [Q, K], for every example and head: [B, heads, Q, K]. */
function everywhere({ g }: Build, rows: Value, { queries, keys }: ScoreContext): Value {
  const dims = (x: Value, ...axes: number[]) => g.op('Gather', [g.op('Shape', [x]), g.int64s(...axes)]);
  return g.op('Expand', [rows, g.op('Concat', [dims(queries, 0, 1, 2), dims(keys, 2)], { axis: 0 })]);
}

function contentToPosition(
  { g }: Build,
  { queries }: ScoreContext,
  keys: Value,
  index: Value,
  alpha: number,
): Value {
  const scores = g.op('FusedMatMul', [queries, keys], { transB: 1, alpha }); // [B, heads, Q, 2·span]
  return g.op('GatherElements', [scores, index], { axis: 3 });
}

function positionToContent(
  { g }: Build,
  { keys }: ScoreContext,
  queries: Value,
  index: Value,
  alpha: number,
): Value {
  const scores = g.op('FusedMatMul', [queries, keys], { transB: 1, alpha }); // [B, heads, 2·span, K]
  return g.op('GatherElements', [scores, index], { axis: 2 });
}

/** The row of a distance: its bucket's, from 0 to 2·span − 1. */
function relativeRow(distance: number, { span, buckets, maxDistance }: RelativeAttention): number {
  const bucket = buckets === undefined ? distance : logBucket(distance, buckets, maxDistance);
  return Math.min(Math.max(bucket + span, 0), 2 * span - 1);
}

/**
 * The distance itself up to half of `buckets`, beyond that a bucket by its logarithm, which ends at `maxDistance`
 * (make_log_bucket_position of modeling_deberta_v2.py, in its float32).
 */
export function logBucket(distance: number, buckets: number, maxDistance: number): number {
  const middle = Math.floor(buckets / 2);
  const n = Math.abs(distance);
  if (n <= middle) return distance;
  const log = (x: number) => Math.fround(Math.log(Math.fround(x)));
  const share = Math.fround(log(n / middle) / log((maxDistance - 1) / middle));
  return Math.sign(distance) * (Math.ceil(Math.fround(share * (middle - 1))) + middle);
}
