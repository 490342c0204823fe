import type { Graph, Node, Value } from '../onnx/types.js';

/** The nodes that read each value. */
export function usersOf(graph: Graph): Map<Value, Node[]> {
  const users = new Map<Value, Node[]>();
  for (const node of graph.nodes)
    for (const input of node.inputs)
      if (input) {
        const list = users.get(input);
        if (list) list.push(node);
        else users.set(input, [node]);
      }
  return users;
}

/** The node that made each value. */
export const producersOf = (graph: Graph): Map<Value, Node> =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((output): [Value, Node] => [output, node])));
