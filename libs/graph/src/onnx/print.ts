import { formatShape } from './dims.js';
import type { Graph, Initializer, Value } from './types.js';

/**
 * A graph as text, a line a node:
 *   %scores: float32[batch, 3, sequence] = FusedMatMul(%q, %k) {transB=1}
 */
export function printGraph(graph: Graph): string {
  return [
    `graph ${graph.name} (`,
    ...graph.inputs.map((input) => `  ${formatValue(input)},`),
    `) {`,
    ...[...graph.initializers.values()].map((initializer) => `  ${printInitializer(initializer)}`),
    ...graph.nodes.map((node) => `  ${formatNode(node)}`),
    `  return ${graph.outputs.map(reference).join(', ')}`,
    `}`,
  ].join('\n');
}

const reference = (value: Value | undefined) => (value ? `%${value.name}` : '_');
/** `%x: float32[batch, 3]` */
export const formatValue = (value: Value) => `${reference(value)}: ${value.dtype}${formatShape(value.shape)}`;

/** A node, or one that was refused before its outputs had types. */
export interface ShownNode {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: object;
  readonly outputs: readonly (Value | string)[];
}

/** A tensor, which an attribute of a file may be where a number is expected, is not written out. */
export const formatAttribute = (value: unknown): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? 'a tensor' : JSON.stringify(value);

/** One line: its outputs with their types, operator, inputs, attributes. */
export function formatNode(node: ShownNode): string {
  const attributes = Object.entries(node.attributes).map(
    ([key, value]) => `${key}=${formatAttribute(value)}`,
  );
  const outputs = node.outputs.map((output) =>
    typeof output === 'string' ? `%${output}` : formatValue(output),
  );
  const inputs = node.inputs.map(reference).join(', ');
  return `${outputs.join(', ')} = ${node.op}(${inputs})${attributes.length ? ` {${attributes.join(', ')}}` : ''}`;
}

const SHOWN = 8;

function printInitializer({ value, data }: Initializer): string {
  if (data.kind === 'external')
    return `${formatValue(value)} = external "${data.location}" ${data.offset}+${data.length}`;
  const elements = Array.from(data.data.subarray(0, SHOWN) as ArrayLike<number | bigint>, String);
  return `${formatValue(value)} = [${elements.join(', ')}${data.data.length > SHOWN ? ', …' : ''}]`;
}
