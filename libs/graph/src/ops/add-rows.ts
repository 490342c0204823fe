import type { GraphBuilder } from '../onnx/builder.js';
import { isNumeric } from '../onnx/dims.js';
import type { Shape, Value } from '../onnx/types.js';
import { sizeOf } from '../reference/tensor.js';

/**
 * The gradient of reading rows: zeros of `shape` [rows, ...rest] (an int64 vector), plus updates [...n, ...rest] at the rows
 * that `rows` [...n] names. A row may be named more than once, unless the values are `distinct`.
 *
 * ONNX Runtime's ScatterND adds from several threads without a lock (its issues 18048 and 23396), so that repeated rows
 * lose some of their updates, others in each run. ScatterElements takes one update after the other. Where no row repeats,
 * ScatterND is right, and several times faster.
 */
export function addRows(g: GraphBuilder, shape: Value, rows: Value, updates: Value): Value {
  const rank = rows.shape.length;
  const { dtype } = updates;
  const zeros = g.op('ConstantOfShape', [shape], { dtype, value: 0 });
  if (rows.distinct || rank === 0) {
    const places = g.op('Unsqueeze', [g.op('Cast', [rows], { to: 'int64' }), g.int64s(-1)]);
    return g.op('ScatterND', [zeros, places, updates]);
  }
  const isMatrix = rank === 1 && updates.shape.length === 2;
  const named = rank === 1 ? rows : g.op('Reshape', [rows, g.int64s(-1)]);
  const flat = isMatrix
    ? updates
    : g.op('Reshape', [updates, flatShape(g, named, updates.shape.slice(rank))]);
  const to = g.op('Expand', [g.op('Unsqueeze', [named, g.int64s(-1)]), g.op('Shape', [flat])]);
  // A 0 stands for the dimension as it is.
  const table = isMatrix ? zeros : g.op('Reshape', [zeros, flatTable(g, updates.shape.slice(rank))]);
  const sum = g.op('ScatterElements', [table, to, flat], { axis: 0, reduction: 'add' });
  return isMatrix ? sum : g.op('Reshape', [sum, shape]);
}

const flatShape = (g: GraphBuilder, named: Value, rest: Shape): Value =>
  isNumeric(rest)
    ? g.int64s(-1, sizeOf(rest))
    : g.op('Concat', [g.op('Shape', [named]), g.int64s(-1)], { axis: 0 });

const flatTable = (g: GraphBuilder, rest: Shape): Value =>
  isNumeric(rest) ? g.int64s(-1, sizeOf(rest)) : g.int64s(0, -1);
