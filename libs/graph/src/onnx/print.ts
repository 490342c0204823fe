import { formatShape } from './dims.js';
import type { Graph, Initializer, Node, Value } from './types.js';

/**
 * A graph as text, a line a node:
 *   %scores: float32[batch, 3, sequence] = FusedMatMul(%q, %k) {transB=1}
 */
export function printGraph(graph: Graph): string {
  return [
    `graph ${graph.name} (`,
    ...graph.inputs.map((input) => `  ${typed(input)},`),
    `) {`,
    ...[...graph.initializers.values()].map((initializer) => `  ${printInitializer(initializer)}`),
    ...graph.nodes.map((node) => `  ${printNode(node)}`),
    `  return ${graph.outputs.map(reference).join(', ')}`,
    `}`,
  ].join('\n');
}

const reference = (value: Value | undefined) => (value ? `%${value.name}` : '_');
const typed = (value: Value) => `${reference(value)}: ${value.dtype}${formatShape(value.shape)}`;

function printNode(node: Node): string {
  const attributes = Object.entries(node.attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const outputs = node.outputs.map(typed).join(', ');
  const inputs = node.inputs.map(reference).join(', ');
  return `${outputs} = ${node.op}(${inputs})${attributes.length ? ` {${attributes.join(', ')}}` : ''}`;
}

const SHOWN = 8;

function printInitializer({ value, data }: Initializer): string {
  if (data.kind === 'external')
    return `${typed(value)} = external "${data.location}" ${data.offset}+${data.length}`;
  const elements = Array.from(data.data.subarray(0, SHOWN) as ArrayLike<number | bigint>, String);
  return `${typed(value)} = [${elements.join(', ')}${data.data.length > SHOWN ? ', …' : ''}]`;
}
