import type { Provider } from '@temper/contracts';
import { copyInto, GraphBuilder, type Graph, type Node, type Value } from '@temper/graph';
import { widenBesideUse } from './widen-beside-use.js';

/** The same graph without what the provider computes wrongly, or keeps in memory needlessly. */
export function adaptGraph(provider: Provider, graph: Graph): Graph {
  // A GPU's memory is its own, and WebGPU has no bfloat16: it widens when it loads.
  if (provider !== 'webgpu') return widenBesideUse(graph);
  const g = new GraphBuilder(graph.name);
  const copies = copyInto(g, graph, { node: (node, inputs) => recomputedInverse(g, node, inputs) });
  for (const output of graph.outputs) g.output(copies.get(output)!, output.name);
  return g.build();
}

/**
 * The second output of SimplifiedLayerNormalization is 1/√(mean(x²) + ε); ONNX Runtime 1.30's WebGPU kernel writes the mean of x
 * there, so every gradient through the operator was wrong by orders of magnitude. It is computed anew from x.
 */
function recomputedInverse(
  g: GraphBuilder,
  node: Node,
  inputs: readonly (Value | undefined)[],
): readonly Value[] | undefined {
  if (node.op !== 'SimplifiedLayerNormalization' || node.outputs.length < 2) return undefined;
  const { epsilon = 1e-5 } = node.attributes as Node<'SimplifiedLayerNormalization'>['attributes'];
  const x = inputs[0]!;
  const [y] = g.restore({ ...node, inputs, outputNames: [node.outputs[0]!.name] });
  const meanSquare = g.op('ReduceMean', [g.op('Mul', [x, x]), g.int64s(-1)], { keepdims: 1 });
  const root = g.op('Sqrt', [g.op('Add', [meanSquare, g.scalar('float32', epsilon)])]);
  return [y!, g.op('Reciprocal', [root])];
}
