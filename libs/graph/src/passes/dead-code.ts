import { definitionOf } from '../onnx/infer.js';
import type { Graph, Node, Value } from '../onnx/types.js';

/** Drops nodes and initializers that no output needs, and unneeded last outputs of the nodes that stay. Inputs stay: they are the contract. */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set<Value>(graph.outputs);
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    const last = node.outputs.findLastIndex((output) => needed.has(output));
    if (last < 0) continue;
    for (const input of node.inputs) if (input) needed.add(input);
    const count = Math.max(last + 1, definitionOf(node.op).outputs[0]);
    kept.push({ ...node, outputs: allOutputsAreFixed(node) ? node.outputs : node.outputs.slice(0, count) });
  }
  return rebuild(graph, kept.reverse(), needed);
}

/** An operator whose number of outputs is given by an input (Split): none can be left out. */
const allOutputsAreFixed = (node: Node) => definitionOf(node.op).saves === undefined;

function rebuild(graph: Graph, nodes: readonly Node[], needed: ReadonlySet<Value>): Graph {
  const initializers = new Map([...graph.initializers].filter(([, { value }]) => needed.has(value)));
  const values = [
    ...graph.inputs,
    ...[...initializers.values()].map(({ value }) => value),
    ...nodes.flatMap((node) => node.outputs),
  ];
  return {
    ...graph,
    nodes,
    initializers,
    values: new Map(values.map((value) => [value.name, value])),
  };
}
