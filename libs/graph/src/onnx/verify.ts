import { TemperError, type Problem } from '@temper/contracts';
import { toNumbers } from './data.js';
import { formatShape, isNumeric, sameShape } from './dims.js';
import { inferOutputs, type Contents } from './infer.js';
import { bytesPerElement, type Graph, type Initializer, type Value } from './types.js';

/**
 * The rules of the IR: unique names, values made before they are used, arities, attributes, types equal to what inference says,
 * initializers as long as their shapes. Throws GRAPH_INVALID with every broken rule.
 */
export function verify(graph: Graph): void {
  const problems: Problem[] = [];
  const known = new Set<Value>();
  const names = new Set<string>();
  const contents: Contents = new Map();
  const report = (path: string, message: string, found?: string, allowed?: string) =>
    problems.push({ path: `${graph.name}: ${path}`, message, found, allowed });

  const define = (value: Value) => {
    if (names.has(value.name)) report(value.name, 'two values of one name');
    if (graph.values.get(value.name) !== value) report(value.name, 'not in the table of values');
    names.add(value.name);
    known.add(value);
  };

  graph.inputs.forEach(define);
  for (const [name, initializer] of graph.initializers) {
    define(initializer.value);
    if (name !== initializer.value.name)
      report(name, 'initializer under another name', initializer.value.name);
    checkSize(initializer, report);
    const { data, value } = initializer;
    if (
      data.kind === 'inline' &&
      (value.dtype === 'int64' || value.dtype === 'int32') &&
      data.data.length <= 64
    )
      if (value.shape.length <= 1) contents.set(value, toNumbers(data.data));
  }
  for (const node of graph.nodes) {
    for (const input of node.inputs)
      if (input && !known.has(input))
        report(`${node.op} ${node.name}`, `uses ${input.name} before it is made`);
    try {
      const types = inferOutputs({ ...node, outputCount: node.outputs.length }, contents);
      node.outputs.forEach((value, i) => {
        const type = types[i]!;
        if (type.content) contents.set(value, type.content);
        if (type.dtype !== value.dtype || !sameShape(type.shape, value.shape))
          report(
            `${node.op} ${node.name}`,
            `wrong type of output ${i}`,
            `${value.dtype}${formatShape(value.shape)}`,
            `${type.dtype}${formatShape(type.shape)}`,
          );
      });
    } catch (error) {
      if (!(error instanceof TemperError)) throw error;
      for (const { path, ...problem } of error.problems)
        problems.push({ path: `${graph.name}: ${path}`, ...problem });
    }
    node.outputs.forEach(define);
  }
  for (const output of graph.outputs)
    if (!known.has(output)) report(output.name, 'is an output but is never made');
  if (problems.length > 0) throw new TemperError('GRAPH_INVALID', problems);
}

function checkSize(
  { value, data }: Initializer,
  report: (path: string, message: string, found?: string, allowed?: string) => void,
): void {
  if (!isNumeric(value.shape))
    return report(value.name, 'an initializer has a symbolic shape', formatShape(value.shape));
  const elements = value.shape.reduce((a, b) => a * b, 1);
  const [found, expected] =
    data.kind === 'inline'
      ? [data.data.length, elements]
      : [data.length, elements * bytesPerElement[value.dtype]];
  if (found !== expected)
    report(value.name, `${data.kind} data of a wrong length`, `${found}`, `${expected}`);
}
