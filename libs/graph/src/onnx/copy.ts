import type { GraphBuilder } from './builder.js';
import type { Graph, Initializer, Node, Value } from './types.js';

export interface CopyOptions {
  /** Other values in place of a node's outputs, made from its copied inputs; undefined keeps the node. */
  node?(node: Node, inputs: readonly (Value | undefined)[]): readonly Value[] | undefined;
  /** Another value in place of an initializer; undefined keeps it. */
  initializer?(initializer: Initializer): Value | undefined;
}

/**
 * Copies inputs, initializers and nodes (not the outputs) of a graph into a builder, node by node, replacing on the way: how every
 * rewrite is done. Types are inferred anew. Returns what became of each value; names are kept.
 */
export function copyInto(g: GraphBuilder, graph: Graph, options: CopyOptions = {}): Map<Value, Value> {
  const copies = new Map<Value, Value>();
  g.reserve(graph.values.keys());
  // A renamed output leaves its node under the old name.
  g.reserve(graph.nodes.map((node) => node.name));
  for (const input of graph.inputs) copies.set(input, g.input(input.name, input.dtype, input.shape));
  for (const initializer of graph.initializers.values()) {
    const { value, data } = initializer;
    const copy =
      options.initializer?.(initializer) ??
      g.initializer(value.name, value.dtype, value.shape as readonly number[], data);
    copies.set(value, copy);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => input && copies.get(input)!);
    const outputs =
      options.node?.(node, inputs) ??
      g.restore({ ...node, inputs, outputNames: node.outputs.map((output) => output.name) });
    node.outputs.forEach((output, i) => copies.set(output, outputs[i]!));
  }
  for (const [value, copy] of copies) {
    if (value.distinct) g.distinct(copy);
    g.withPadding(copy, value.padding);
    if (value.detached) g.detached(copy);
  }
  return copies;
}
