import { GraphBuilder } from '../onnx/builder.js';
import { copyInto } from '../onnx/copy.js';
import type { Graph, Node, Value } from '../onnx/types.js';

/** Equal operators on equal inputs are computed once. (Every operator is a pure function.) */
export function shareCommonSubexpressions(graph: Graph): Graph {
  const g = new GraphBuilder(graph.name);
  const outputs = new Set<Value>(graph.outputs);
  const seen = new Map<string, readonly Value[]>();
  const copies = copyInto(g, graph, {
    node(node, inputs) {
      const key = keyOf(node, inputs);
      const known = seen.get(key);
      if (known && !node.outputs.some((output) => outputs.has(output))) return known;
      const made = g.restore({ ...node, inputs, outputNames: node.outputs.map((output) => output.name) });
      if (!known) seen.set(key, made);
      return made;
    },
  });
  for (const output of graph.outputs) g.output(copies.get(output)!);
  return g.build();
}

function keyOf(node: Node, inputs: readonly (Value | undefined)[]): string {
  const attributes = Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    node.op,
    node.outputs.length,
    inputs.map((input) => input?.name ?? null),
    attributes,
  ]);
}
