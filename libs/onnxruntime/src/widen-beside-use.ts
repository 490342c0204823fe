import { copyInto, GraphBuilder, type Graph, type Value } from '@temper/graph';

/**
 * A matrix in 2 bytes that is widened to float32 is widened anew for each node that reads it. Else ONNX Runtime, to which it is a
 * constant, would widen it when it loads the graph and keep that; and what the forward pass has widened would live until the gradient.
 * So each has a shape that only a batch says: [0, 0], which is "as it is", made of the lengths of the node's other operand. That
 * it depends on this operand keeps it from being made long before it is needed, or once for both passes.
 */
export function widenBesideUse(graph: Graph): Graph {
  const halves = widenedHalves(graph);
  if (!halves.size) return graph;
  const g = new GraphBuilder(graph.name);
  const zeros = new Map<Value, Value>();
  const zerosLike = (value: Value): Value => {
    const known = zeros.get(value);
    if (known) return known;
    const shape = g.op('Shape', [value]);
    const made = g.op('Sub', [shape, shape]);
    zeros.set(value, made);
    return made;
  };
  const copies = copyInto(g, graph, {
    node(node, inputs) {
      // What stands for it is the half itself, until a reader widens it.
      if (halves.has(node.outputs[0]!)) return [inputs[0]!];
      if (!node.inputs.some((input) => input && halves.has(input))) return undefined;
      const others = inputs.filter((_, i) => !halves.has(node.inputs[i]!));
      const batch = others.find(isMatrixOfBatch) ?? graph.inputs.find(isMatrixOfBatch);
      const shape = batch && zerosLike(g.value(batch.name)!);
      const widened = inputs.map((input, i) => {
        if (!halves.has(node.inputs[i]!)) return input;
        return g.op('Cast', [shape ? g.op('Reshape', [input, shape]) : input], { to: 'float32' });
      });
      return g.restore({
        ...node,
        inputs: widened,
        outputNames: node.outputs.map(({ name }) => name),
      });
    },
  });
  for (const output of graph.outputs) g.output(copies.get(output)!, output.name);
  return g.build();
}

/** Small vectors may stay as the runtime likes. */
function widenedHalves(graph: Graph): ReadonlySet<Value> {
  const widened = graph.nodes.flatMap(({ op, inputs, outputs }) => {
    const [half, y] = [inputs[0]!, outputs[0]!];
    const isStored = op === 'Cast' && half.shape.length === 2 && graph.initializers.has(half.name);
    const isHalf = isStored && (half.dtype === 'float16' || half.dtype === 'bfloat16');
    return isHalf && y.dtype === 'float32' && !graph.outputs.includes(y) ? [y] : [];
  });
  return new Set(widened);
}

const isMatrixOfBatch = (value: Value | undefined): value is Value =>
  value?.shape.length === 2 && value.shape.some((dim) => typeof dim === 'string');
