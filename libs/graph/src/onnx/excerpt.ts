import { TemperError } from '@temper/contracts';
import { formatNode, formatValue, type ShownNode } from './print.js';
import type { Graph, Initializer, Node, Value } from './types.js';

/** A graph, or what there is of it when a node is refused. */
export type Surroundings = Pick<Graph, 'nodes'> & {
  readonly initializers?: ReadonlyMap<string, Initializer>;
};

const PRODUCERS = 4;
const USERS = 3;
const LINE = 90;
/** Characters of the node's own line. */
const OWN_LINE = 200;

/**
 * A few lines of the graph around one node, which need not be part of it: what makes its inputs, the node itself, what
 * uses its outputs. An error's hint; bounded, whatever the graph.
 */
export function excerpt({ nodes, initializers }: Surroundings, node: ShownNode): string {
  const makers = new Map<Value, Node>();
  for (const other of nodes) for (const output of other.outputs) makers.set(output, other);
  const inputs = [...new Set(node.inputs.filter((input) => input !== undefined))];
  const made = inputs.map((input) => {
    const maker = makers.get(input);
    if (maker) return formatNode(maker);
    return `${formatValue(input)} = ${initializers?.has(input.name) ? 'an initializer' : 'an input'}`;
  });
  const outputs = new Set<Value | string | undefined>(node.outputs);
  const users = nodes.filter((other) => other.inputs.some((input) => outputs.has(input)));
  return [
    'in the graph:',
    ...few([...new Set(made)], PRODUCERS, 'inputs').map((line) => `    ${line}`),
    `  > ${clipped(formatNode(node), OWN_LINE)}`,
    ...few(users.map(formatNode), USERS, 'users').map((line) => `    ${line}`),
  ].join('\n');
}

function few(lines: readonly string[], most: number, what: string): string[] {
  const shown = lines.slice(0, most).map((line) => clipped(line, LINE));
  return lines.length > most ? [...shown, `… and ${lines.length - most} more ${what}`] : shown;
}

const clipped = (line: string, most: number) => (line.length > most ? `${line.slice(0, most - 1)}…` : line);

/** The same error, with the graph around the node as the hint of its first problem. */
export function withExcerpt(error: TemperError, graph: Surroundings, node: ShownNode): TemperError {
  const [first, ...rest] = error.problems;
  const { cause } = error;
  return new TemperError(error.code, [{ ...first!, hint: excerpt(graph, node) }, ...rest], { cause });
}
