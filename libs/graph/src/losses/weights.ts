import type { GraphBuilder } from '../onnx/builder.js';
import type { Value } from '../onnx/types.js';

/** How much each class counts, by its number; [1, classes] broadcasts over rows. */
export const weightRow = (g: GraphBuilder, weights: readonly number[]): Value =>
  g.constant('float32', [1, weights.length], weights);

/** [rows, 1]: the weight of each row's label; a scalar 1 where all classes weigh the same. `column` int [rows, 1]. */
export function ownWeights(g: GraphBuilder, weights: readonly number[] | undefined, column: Value): Value {
  if (!weights) return g.scalar('float32', 1);
  return g.op('Gather', [g.constant('float32', [weights.length], weights), column], { axis: 0 });
}

/** [rows, 1]: ln p[label]. `column` int [rows, 1]. */
export const ownLogP = (g: GraphBuilder, logP: Value, column: Value): Value =>
  g.op('GatherElements', [logP, column], { axis: 1 });

/** Into `target` [rows, classes]: `updates` [rows, 1], added at each row's label. */
export const addAtLabels = (g: GraphBuilder, target: Value, column: Value, updates: Value): Value =>
  g.op('ScatterElements', [target, column, updates], { axis: 1, reduction: 'add' });

/** A value of shape [rows, 1] of what may be a scalar. */
export const asColumn = (g: GraphBuilder, value: Value, column: Value): Value =>
  g.op('Expand', [value, g.op('Shape', [column])]);
