import { GraphBuilder } from '../onnx/builder.js';
import { copyInto } from '../onnx/copy.js';
import type { Graph, Node, Value } from '../onnx/types.js';
import { usersOf } from './users.js';

/** How much wider the transposed operand must be where a Transpose of a small product is added to avoid it. */
const MUCH_WIDER = 8;
/**
 * A matrix kernel repacks a transposed left operand AᵀB once for every panel of 128 columns of B, so the narrower one should be it:
 * AᵀB = (BᵀA)ᵀ. Done where a Transpose follows that can take in the other ([128, 128]ᵀ · [128, 32]: 4.7 for 6.8 ms), or where A is much
 * wider ([512, 576]ᵀ · [512, 8]: 0.10 for 0.16 ms). Two wide matrices are left alone: transposing one of them first is 10% faster by
 * itself but 3% slower in a step of MiniLM, where it comes from memory and not from the cache.
 */
export function avoidTransposedOperands(graph: Graph): Graph {
  const users = usersOf(graph);
  const outputs = new Set<Value>(graph.outputs);
  /** Products made the other way round, by the value they stand for. */
  const turned = new Map<Value, Value>();
  const g = new GraphBuilder(graph.name);
  const copies = copyInto(g, graph, {
    node(node, inputs) {
      if (isTranspose(node) && turned.has(node.inputs[0]!))
        return [transposed(g, turned.get(node.inputs[0]!)!, exchangedPermutation(node.attributes.perm))];
      if (!isProduct(node) || node.attributes.transA !== 1 || node.attributes.transB === 1) return undefined;
      const [a, b] = inputs as [Value, Value];
      if (a.shape.length !== b.shape.length) return undefined;
      const [y] = node.outputs as [Value];
      const readers = users.get(y) ?? [];
      const absorbed = readers.length > 0 && readers.every(isTranspose) && !outputs.has(y);
      if (absorbed ? wider(a, b, 1) : wider(a, b, MUCH_WIDER)) {
        const other = g.op('FusedMatMul', [b, a], node.attributes);
        if (absorbed) turned.set(y, other);
        return [transposed(g, other)]; // dead code where every reader has taken it in
      }
      return undefined;
    },
  });
  for (const output of graph.outputs) g.output(copies.get(output)!, output.name);
  return g.build();
}

const isProduct = (node: Node): node is Node<'FusedMatMul'> => node.op === 'FusedMatMul';
const isTranspose = (node: Node): node is Node<'Transpose'> => node.op === 'Transpose';

const exchangeLast = (axes: readonly number[]) => [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!];
const swapOf = (rank: number) => exchangeLast(Array.from({ length: rank }, (_, i) => i));
/** What `perm` is for a value whose last two axes are exchanged. */
const exchangedPermutation = (perm: readonly number[]) => perm.map((axis) => swapOf(perm.length)[axis]!);
const transposed = (g: GraphBuilder, value: Value, perm: readonly number[] = swapOf(value.shape.length)) =>
  g.op('Transpose', [value], { perm });

/** Whether a is at least `factor` times as wide; a symbolic width (a sequence's length) counts as wider than a number (a head's size). */
function wider(a: Value, b: Value, factor: number): boolean {
  const [x, y] = [a.shape.at(-1)!, b.shape.at(-1)!];
  if (typeof y !== 'number') return false;
  return typeof x === 'number' ? x > y && x >= factor * y : factor === 1;
}
