import { TemperError } from '@temper/contracts';
import type { GraphBuilder } from '../onnx/builder.js';
import { sameShape } from '../onnx/dims.js';
import { definitionOf } from '../onnx/infer.js';
import type { Node, Value } from '../onnx/types.js';
import type { GradientContext } from '../ops/definition.js';
import { shapeOf, sumTo } from '../ops/gradients.js';

export interface DifferentiateInput {
  /** Holds the nodes; gradient nodes are added to it. */
  readonly g: GraphBuilder;
  /** The forward nodes, in order. Those whose gradient reads saved outputs must have them (see `saves`). */
  readonly nodes: readonly Node[];
  /** Gradients of the loss that are known: where the walk starts. */
  readonly seeds: ReadonlyMap<Value, Value>;
  /** What gradients are wanted of. */
  readonly wanted: readonly Value[];
}

/**
 * Reverse mode: walks the nodes backwards and adds each one's share to the gradients of its inputs. Only values that depend on a wanted
 * value are followed, so nothing is computed below the lowest of them. Returns the gradient of each wanted value (of its own shape), or
 * undefined where the loss does not depend on it.
 */
export function differentiate({ g, nodes, seeds, wanted }: DifferentiateInput): Map<Value, Value> {
  const active = dependents(nodes, wanted);
  const gradients = new Map(seeds);
  for (const node of [...nodes].reverse()) {
    const given = node.outputs.map((output) => gradients.get(output));
    if (!node.inputs.some((input) => input && active.has(input)) || given.every((dy) => dy === undefined))
      continue;
    const context = contextOf(g, node, given, active);
    const rule = definitionOf(node.op).gradient;
    const answers = rule === 'none' ? [] : rule(context);
    node.inputs.forEach((input, i) => {
      const answer = answers[i] ?? 'none';
      if (!input || !active.has(input) || answer === 'none') return;
      if (answer === 'unsupported') throw unsupported(node, i);
      const share = sumTo(g, answer(), input.shape);
      const before = gradients.get(input);
      gradients.set(input, before ? g.op('Add', [before, share]) : share);
    });
  }
  return new Map(
    wanted.flatMap((value) => {
      const gradient = gradients.get(value);
      return gradient ? [[value, expandTo(g, gradient, value)]] : [];
    }),
  );
}

/** The wanted values and all that is computed from them. */
function dependents(nodes: readonly Node[], wanted: readonly Value[]): Set<Value> {
  const active = new Set(wanted);
  for (const node of nodes)
    if (node.inputs.some((input) => input && active.has(input)))
      for (const output of node.outputs) if (!output.detached) active.add(output);
  return active;
}

/**
 * A gradient may be smaller than its value, broadcasting to it (a sum's gradient has ones where it summed). Elementwise operators whose
 * inputs have the output's shape take it as it is, so no Expand is needed between them; all others get it expanded.
 */
function contextOf(
  g: GraphBuilder,
  node: Node,
  given: readonly (Value | undefined)[],
  active: ReadonlySet<Value>,
): GradientContext<object> {
  const shape = node.outputs[0]!.shape;
  const keepsShape = node.inputs.every(
    (input) => !input || !active.has(input) || sameShape(input.shape, shape),
  );
  const lazy = definitionOf(node.op).elementwise === true && keepsShape;
  const gradient = (i: number) => given[i] && (lazy ? given[i] : expandTo(g, given[i], node.outputs[i]!));
  return {
    g,
    attributes: node.attributes,
    get dy() {
      return gradient(0) ?? missing(node, 'the gradient of its first output');
    },
    input: (i) => node.inputs[i] ?? missing(node, `input ${i}`),
    hasInput: (i) => node.inputs[i] !== undefined,
    output: (i) => node.outputs[i] ?? missing(node, `output ${i}`),
    outputGradient: gradient,
    inputCount: node.inputs.length,
    outputCount: node.outputs.length,
  };
}

function expandTo(g: GraphBuilder, gradient: Value, value: Value): Value {
  return sameShape(gradient.shape, value.shape) ? gradient : g.op('Expand', [gradient, shapeOf(g, value)]);
}

function unsupported(node: Node, input: number): TemperError {
  return new TemperError('OP_UNSUPPORTED', {
    path: `${node.op} ${node.name}`,
    message: `${node.op} has no gradient rule for input ${input} (${node.inputs[input]!.name})`,
  });
}

function missing(node: Node, what: string): never {
  throw new TemperError('GRAPH_INVALID', {
    path: `${node.op} ${node.name}`,
    message: `its gradient needs ${what}`,
  });
}
