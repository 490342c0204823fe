import { TemperError, type Problem } from '@temper/contracts';
import { differentiate } from './autodiff/differentiate.js';
import type { Loss, TrainedLoss } from './losses/loss.js';
import { GraphBuilder } from './onnx/builder.js';
import { copyInto } from './onnx/copy.js';
import { isNumeric } from './onnx/dims.js';
import { definitionOf } from './onnx/infer.js';
import type { Graph, Node, Value } from './onnx/types.js';
import { optimize } from './passes/index.js';

export interface CompileInput<L extends TrainedLoss = Loss> {
  /** Has an output `logits`: one row for each example, or for each token, that is counted. */
  readonly forward: Graph;
  readonly loss: L;
  /** Names of the initializers that are trained. */
  readonly trainable: readonly string[];
}

/**
 * The graph of a training step, step by step; the IR is verified by every step. Inputs of forward, those of the loss, each parameter →
 * `loss_sum`, `grad:NAME` of each parameter. Throws OP_UNSUPPORTED where an operator between a parameter and the loss has no
 * gradient, GRAPH_INVALID where `forward` or `trainable` do not fit.
 */
export function compileGradients({ forward, loss, trainable }: CompileInput<TrainedLoss>): Graph {
  checkParameters(forward, trainable);
  return optimize(gradientGraph(forward, new Set(trainable), loss));
}

/**
 * The graph of an evaluation, of a model of which nothing may be trained. The same inputs → `loss_sum`, `losses` (of each counted token or example), and the outputs that the
 * loss names. Throws GRAPH_INVALID where `forward` or `trainable` do not fit.
 */
export function compileEvaluation({ forward, loss, trainable }: CompileInput): Graph {
  if (trainable.length) checkParameters(forward, trainable);
  return optimize(evaluationGraph(forward, new Set(trainable), loss));
}

function gradientGraph(forward: Graph, trainable: ReadonlySet<string>, loss: TrainedLoss): Graph {
  const g = new GraphBuilder(`${forward.name}.grad`);
  const { nodes, logits, inputs, parameters } = copyForTraining(g, forward, {
    trainable,
    loss,
    saving: true,
  });
  const { lossSum, dLogits } = loss.gradient(g, logits, inputs);
  const gradients = differentiate({ g, nodes, seeds: new Map([[logits, dLogits]]), wanted: parameters });
  g.output(lossSum, 'loss_sum');
  for (const parameter of parameters) {
    const gradient = gradients.get(parameter);
    if (!gradient)
      throw new TemperError('GRAPH_INVALID', {
        path: parameter.name,
        message: 'the loss does not depend on it',
      });
    g.output(gradient, `grad:${parameter.name}`);
  }
  return g.build();
}

function evaluationGraph(forward: Graph, trainable: ReadonlySet<string>, loss: Loss): Graph {
  const g = new GraphBuilder(`${forward.name}.evaluate`);
  const { logits, inputs } = copyForTraining(g, forward, { trainable, loss, saving: false });
  const { lossSum, losses, outputs } = loss.evaluation(g, logits, inputs);
  g.output(lossSum, 'loss_sum');
  g.output(losses, 'losses');
  for (const [name, value] of Object.entries(outputs)) g.output(value, name);
  return g.build();
}

interface CopyForTraining {
  readonly trainable: ReadonlySet<string>;
  readonly loss: TrainedLoss;
  /** Outputs that gradients read are kept. */
  readonly saving: boolean;
}

/** The forward nodes with parameters and what the loss reads as inputs, and with the outputs that gradients read. */
function copyForTraining(g: GraphBuilder, forward: Graph, { trainable, loss, saving }: CopyForTraining) {
  const nodes: Node[] = [];
  const parameters: Value[] = [];
  const copies = copyInto(g, forward, {
    initializer({ value }) {
      if (!trainable.has(value.name)) return undefined;
      const parameter = g.input(value.name, value.dtype, value.shape);
      parameters.push(parameter);
      return parameter;
    },
    node(node, inputs) {
      const count = Math.max(node.outputs.length, saving ? (definitionOf(node.op).saves ?? 0) : 0);
      const outputNames = Array.from(
        { length: count },
        (_, i) => node.outputs[i]?.name ?? `${node.name}/saved.${i}`,
      );
      const outputs = g.restore({ ...node, inputs, outputNames });
      nodes.push({ ...node, inputs, outputs });
      return outputs;
    },
  });
  const logits = copies.get(logitsOf(forward))!;
  const declared = Object.entries(loss.inputs(logits));
  const inputs = Object.fromEntries(
    declared.map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]),
  );
  return { nodes, parameters, logits, inputs };
}

/** Names of what a loss reads of a batch, behind such a forward graph. */
export const lossInputs = (forward: Graph, loss: Pick<Loss, 'inputs'>): readonly string[] =>
  Object.keys(loss.inputs(logitsOf(forward)));

function logitsOf(forward: Graph): Value {
  const logits = forward.outputs.find((output) => output.name === 'logits');
  if (logits?.shape.length === 2) return logits;
  throw new TemperError('GRAPH_INVALID', {
    path: forward.name,
    message: 'the forward graph must have an output logits of two axes',
    found: forward.outputs.map((output) => output.name).join(', '),
  });
}

function checkParameters(forward: Graph, trainable: readonly string[]): void {
  const problems: Problem[] = [];
  if (trainable.length === 0) problems.push({ path: forward.name, message: 'nothing is trainable' });
  for (const name of trainable) {
    const value = forward.initializers.get(name)?.value;
    if (value?.dtype === 'float32' && isNumeric(value.shape)) continue;
    problems.push({ path: name, message: 'is not a float32 initializer of the forward graph' });
  }
  if (problems.length > 0) throw new TemperError('GRAPH_INVALID', problems);
}
