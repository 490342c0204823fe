import { TemperError, type Problem } from '@temper/contracts';
import { toNumbers } from './data.js';
import { formatShape, isNumeric, sameShape } from './dims.js';
import { excerpt } from './excerpt.js';
import { inferOutputs, type Contents } from './infer.js';
import { bytesPerElement, type Graph, type Initializer, type Node, type Value } from './types.js';

/**
 * The rules of the IR: unique names, values made before they are used, arities, attributes, element types, output types equal to what
 * inference says, initializers as long as their shapes. Throws GRAPH_INVALID with every broken rule; the first that is a node's
 * shows the graph around it.
 */
export function verify(graph: Graph): void {
  const verification = new Verification(graph);
  graph.inputs.forEach((input) => verification.define(input));
  for (const [name, initializer] of graph.initializers) verification.initializer(name, initializer);
  for (const node of graph.nodes) verification.node(node);
  for (const output of graph.outputs) verification.output(output);
  verification.end();
}

class Verification {
  private readonly problems: Problem[] = [];
  private readonly known = new Set<Value>();
  private readonly names = new Set<string>();
  private readonly contents: Contents = new Map();
  private hasExcerpt = false;

  constructor(private readonly graph: Graph) {}

  define(value: Value): void {
    if (this.names.has(value.name)) this.report({ path: value.name, message: 'two values of one name' });
    if (this.graph.values.get(value.name) !== value)
      this.report({ path: value.name, message: 'not in the table of values' });
    this.names.add(value.name);
    this.known.add(value);
  }

  initializer(name: string, initializer: Initializer): void {
    const { data, value } = initializer;
    this.define(value);
    if (name !== value.name)
      this.report({ path: name, message: 'initializer under another name', found: value.name });
    for (const problem of wrongSize(initializer)) this.report(problem);
    const isSmall = data.kind === 'inline' && data.data.length <= 64 && value.shape.length <= 1;
    if (isSmall && (value.dtype === 'int64' || value.dtype === 'int32'))
      this.contents.set(value, toNumbers(data.data));
  }

  node(node: Node): void {
    const path = `${node.op} ${node.name}`;
    for (const input of node.inputs)
      if (input && !this.known.has(input))
        this.report({ path, message: `uses ${input.name} before it is made` }, node);
    try {
      this.outputTypes(node, path);
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
      for (const problem of error.problems) this.report(problem, node);
    }
    node.outputs.forEach((output) => this.define(output));
  }

  private outputTypes(node: Node, path: string): void {
    const types = inferOutputs({ ...node, outputCount: node.outputs.length }, this.contents);
    node.outputs.forEach((value, i) => {
      const type = types[i]!;
      if (type.content) this.contents.set(value, type.content);
      if (type.dtype === value.dtype && sameShape(type.shape, value.shape)) return;
      const [found, allowed] = [value, type].map((it) => `${it.dtype}${formatShape(it.shape)}`);
      this.report({ path, message: `wrong type of output ${i}`, found, allowed }, node);
    });
  }

  output(value: Value): void {
    if (!this.known.has(value)) this.report({ path: value.name, message: 'is an output but is never made' });
  }

  end(): void {
    if (this.problems.length > 0) throw new TemperError('GRAPH_INVALID', this.problems);
  }

  private report(problem: Problem, node?: Node): void {
    const shown = node && !this.hasExcerpt ? { hint: excerpt(this.graph, node) } : {};
    this.hasExcerpt ||= node !== undefined;
    this.problems.push({ ...problem, path: `${this.graph.name}: ${problem.path}`, ...shown });
  }
}

function wrongSize({ value, data }: Initializer): Problem[] {
  const path = value.name;
  if (!isNumeric(value.shape))
    return [{ path, message: 'an initializer has a symbolic shape', found: formatShape(value.shape) }];
  const elements = value.shape.reduce((a, b) => a * b, 1);
  const [found, expected] =
    data.kind === 'inline'
      ? [data.data.length, elements]
      : [data.length, elements * bytesPerElement[value.dtype]];
  if (found === expected) return [];
  return [
    { path, message: `${data.kind} data of a wrong length`, found: `${found}`, allowed: `${expected}` },
  ];
}
