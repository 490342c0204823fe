import { GraphBuilder } from '../onnx/builder.js';
import { copyInto } from '../onnx/copy.js';
import type { Graph, Node, Value } from '../onnx/types.js';
import { removeDeadCode } from './dead-code.js';
import { producersOf, usersOf } from './users.js';

/** A gradient that is zero but for the rows that a batch reads: the batch's rows and what is to be added to each, in this order. */
export interface RowGradient {
  /** The output that it stood for, `grad:NAME`; its table is [rows, width]. */
  readonly of: string;
  /** An output [n] of int32 or int64: which row each update is added to; negative ones count from the end. */
  readonly rows: Value;
  /** An output [n, width]. */
  readonly updates: Value;
}

export interface WithRowGradients {
  readonly graph: Graph;
  readonly rowGradients: readonly RowGradient[];
}

/**
 * Takes the adding up of rows out of the graph where it is all that is left to do for an output: the table of gradients of 30,522 words is
 * 47 MB, of which a batch touches 1 MB. The sums keep their order: ScatterElements adds one update after the other.
 */
export function splitRowGradients(graph: Graph): WithRowGradients {
  const found = graph.outputs.flatMap((output) => rowSumOf(graph, output) ?? []);
  if (found.length === 0) return { graph, rowGradients: [] };
  const split = new Set(found.map(({ output }) => output));
  const g = new GraphBuilder(graph.name);
  const copies = copyInto(g, graph);
  for (const output of graph.outputs) if (!split.has(output)) g.output(copies.get(output)!);
  // The nodes that made the sums are dead now, and with them the names.
  const outputs = found.map(({ output, rows, updates }) => {
    const name = output.name.replace(/^grad:/, '');
    return {
      of: output.name,
      rows: g.output(copies.get(rows)!, `rows:${name}`),
      updates: g.output(copies.get(updates)!, `updates:${name}`),
    };
  });
  return { graph: removeDeadCode(g.build()), rowGradients: outputs };
}

interface RowSum {
  readonly output: Value;
  readonly rows: Value;
  readonly updates: Value;
}

const addsRows = ({ attributes: { reduction, axis = 0 } }: Node<'ScatterElements'>): boolean =>
  reduction === 'add' && axis === 0;

/** What `addRows` (ops/add-rows.ts) makes of rows that may repeat, where only the output reads it. */
function rowSumOf(graph: Graph, output: Value): RowSum | undefined {
  const makers = producersOf(graph);
  const users = usersOf(graph);
  const through = (value: Value | undefined, ...ops: string[]): Node | undefined => {
    const node = value && makers.get(value);
    if (node?.op === 'Reshape' && !ops.includes('Reshape')) return through(node.inputs[0], ...ops);
    return node && ops.includes(node.op) ? node : undefined;
  };
  const sum = through(output, 'ScatterElements') as Node<'ScatterElements'> | undefined;
  if (!sum || !addsRows(sum) || output.shape.length !== 2 || users.get(output)?.length) return undefined;
  const zeros = through(sum.inputs[0], 'ConstantOfShape') as Node<'ConstantOfShape'> | undefined;
  const place = through(through(sum.inputs[1], 'Expand')?.inputs[0], 'Unsqueeze');
  const [rows, updates] = [place?.inputs[0], sum.inputs[2]];
  if (zeros?.attributes.value !== 0 || rows?.shape.length !== 1 || updates?.shape.length !== 2)
    return undefined;
  return { output, rows, updates };
}
