import { TemperError } from '@temper/contracts';
import { ops, type OpName } from '../ops/index.js';
import type { OpDefinition, OutputType } from '../ops/definition.js';
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

/** The types of a node's outputs. Throws GRAPH_INVALID naming the op and node. */
export function inferOutputs(node: Application, contents: Contents): OutputType[] {
  const definition = definitionOf(node.op);
  const fail = (message: string, details?: { found?: string; allowed?: string }): never => {
    throw new TemperError('GRAPH_INVALID', { path: `${node.op} ${node.name}`, message, ...details });
  };
  const counts = { inputs: node.inputs.length, outputs: node.outputCount };
  for (const side of ['inputs', 'outputs'] as const) {
    const [fewest, most] = definition[side];
    if (counts[side] < fewest || counts[side] > most)
      fail(`wrong number of ${side}`, { found: `${counts[side]}`, allowed: `${fewest} to ${most}` });
  }
  for (const key of Object.keys(node.attributes))
    if (!(key in definition.attributes))
      fail(`unknown attribute ${key}`, { allowed: Object.keys(definition.attributes).join(', ') || 'none' });
  const result = definition.infer({
    inputs: node.inputs,
    attributes: node.attributes,
    outputCount: node.outputCount,
    input: (i) => node.inputs[i] ?? fail(`input ${i} is missing`),
    content: (i) => (node.inputs[i] ? contents.get(node.inputs[i]) : undefined),
    fail,
  });
  return result.slice(0, node.outputCount);
}
