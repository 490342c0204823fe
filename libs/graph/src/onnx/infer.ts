import { TemperError } from '@temper/contracts';
import { ops, type OpName } from '../ops/index.js';
import type { OpDefinition, OutputType } from '../ops/definition.js';
import { checkNode, type Fail } from './check-node.js';
import { formatShape, isDim } from './dims.js';
import type { Dim, Value } from './types.js';

/** Known elements of integer values, by value (see InferContext.content). */
export type Contents = Map<Value, readonly Dim[]>;

export interface Application {
  readonly op: OpName;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: object;
  readonly outputCount: number;
}

export const definitionOf = (op: OpName): OpDefinition<object> => ops[op] as unknown as OpDefinition<object>;

/** The types of a node's outputs, after all its declaration says was checked. Throws GRAPH_INVALID naming the op and node. */
export function inferOutputs(node: Application, contents: Contents): OutputType[] {
  const definition = definitionOf(node.op);
  const fail: Fail = (message, details) => {
    throw new TemperError('GRAPH_INVALID', { path: `${node.op} ${node.name}`, message, ...details });
  };
  checkNode(node, definition, fail);
  const result = definition.infer({
    inputs: node.inputs,
    attributes: node.attributes,
    outputCount: node.outputCount,
    input: (i) => node.inputs[i] ?? fail(`input ${i} is missing`),
    content: (i) => (node.inputs[i] ? contents.get(node.inputs[i]) : undefined),
    fail,
  });
  const outputs = result.slice(0, node.outputCount);
  for (const { shape } of outputs)
    if (!shape.every(isDim)) fail('no shape that a tensor has', { found: formatShape(shape) });
  return outputs;
}
