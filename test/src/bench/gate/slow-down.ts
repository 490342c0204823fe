import { copyInto, GraphBuilder, type Graph } from '@temper/graph';

/** The same graph with products that nobody needs: what the gate must find. */
export function slowedDown(graph: Graph, products: number): Graph {
  const g = new GraphBuilder(graph.name);
  const [loss, ...rest] = graph.outputs;
  const copies = copyInto(g, graph, {
    // The loss gets another name, so that what is added to it can have its own.
    node: (node, inputs) =>
      node.outputs.includes(loss!) ? [g.op(node.op, inputs, node.attributes as never)] : undefined,
  });
  const widest = [...graph.inputs, ...[...graph.initializers.values()].map(({ value }) => value)]
    .filter(
      ({ dtype, shape }) =>
        dtype === 'float32' && shape.length === 2 && shape.every((dim) => typeof dim === 'number'),
    )
    .sort((a, b) => (b.shape[0] as number) - (a.shape[0] as number))[0]!;
  const table = copies.get(widest)!;
  let extra = g.scalar('float32', 0);
  for (let i = 1; i <= products; i++) {
    // Each of another factor, or they would be computed once; through the loss, or not at all.
    const rows = g.op('Mul', [
      table,
      g.op('Exp', [g.op('Mul', [copies.get(loss!)!, g.scalar('float32', -i)])]),
    ]);
    const product = g.op('FusedMatMul', [rows, table], { transA: 1 });
    extra = g.op('Add', [
      extra,
      g.op('Mul', [g.op('ReduceSum', [product], { keepdims: 0 }), g.scalar('float32', 0)]),
    ]);
  }
  g.output(g.op('Add', [copies.get(loss!)!, extra]), loss!.name);
  for (const output of rest) g.output(copies.get(output)!);
  return g.build();
}
