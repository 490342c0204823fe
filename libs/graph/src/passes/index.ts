import { verify } from '../onnx/verify.js';
import type { Graph } from '../onnx/types.js';
import { shareCommonSubexpressions } from './common-subexpressions.js';
import { removeDeadCode } from './dead-code.js';
import { avoidTransposedOperands } from './transposed-products.js';

export type Pass = (graph: Graph) => Graph;

/** What is done to every compiled graph, in this order. */
export const passes: readonly Pass[] = [
  removeDeadCode,
  shareCommonSubexpressions,
  avoidTransposedOperands,
  removeDeadCode,
];

/** Applies the passes and verifies the graph after each. */
export function optimize(graph: Graph): Graph {
  return passes.reduce((before, pass) => {
    const after = pass(before);
    verify(after);
    return after;
  }, graph);
}
