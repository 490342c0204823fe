import { lossInputs, type Graph } from '@temper/graph';
import type { BaseModel } from '@temper/models';
import { definitionOf } from '@temper/tasks';
import { optimizerSettings } from '../optimizer/settings.js';
import { groupsOf, updateGraphs } from '../optimizer/update-graphs.js';
import { groupParameters } from '../parameter-groups.js';
import { evaluationGraphs, trainingGraphs, type GraphInputs, type GraphSettings } from './job-graphs.js';

/** A graph of a job under the name that it has in the store. */
export interface KeptGraph {
  readonly name: string;
  readonly graph: Graph;
  /** It runs on the processor whatever the provider is. */
  readonly onHost?: boolean;
}

/** What a job's graphs follow from. */
export interface GraphsOf {
  readonly base: BaseModel;
  readonly spec: GraphSettings;
  /** `loss`: what is minimised. */
  readonly inputs: GraphInputs & Required<Pick<GraphInputs, 'loss'>>;
  /** There is something to evaluate while it trains. */
  readonly evaluates: boolean;
}

/** All graphs of a training, whether this attempt loads them or not: they follow from the job. */
export function graphsOfTraining({ base, spec, inputs, evaluates }: GraphsOf) {
  const graphs = trainingGraphs(base, spec, inputs);
  const reference = referenceGraphs(graphs.forward.graph, { base, spec, inputs });
  function* kept(): Generator<KeptGraph> {
    const options = optimizerSettings(spec.training);
    const groups = groupsOf(groupParameters(graphs.forward.trainable), options);
    for (const [name, { graph }] of updateGraphs(groups, options))
      // The optimizer's memory is this process's; sending it to a device and back would cost more than the step.
      yield { name: `apply-${name}.onnx`, graph, onHost: true };
    yield { name: 'grad.onnx', graph: graphs.gradients.graph };
    if (evaluates) yield { name: 'evaluate.onnx', graph: graphs.evaluation() };
    if (reference?.base) yield { name: 'base.onnx', graph: reference.base };
  }
  return { graphs, reference, kept };
}

/** All graphs of an evaluation. */
export function graphsOfEvaluation({ base, spec, inputs }: Omit<GraphsOf, 'evaluates'>) {
  const graphs = evaluationGraphs(base, spec, inputs);
  const reference = referenceGraphs(graphs.forward.graph, { base, spec, inputs });
  function* kept(): Generator<KeptGraph> {
    yield { name: 'evaluate.onnx', graph: graphs.evaluation() };
    if (graphs.base) yield { name: 'base.onnx', graph: graphs.base };
    if (reference?.base) yield { name: 'reference.onnx', graph: reference.base };
  }
  return { graphs, reference, kept };
}

/** What losses and measures read of a batch. */
export const inputsOfLosses = (
  forward: Graph,
  spec: GraphSettings,
  loss: GraphsOf['inputs']['loss'],
): readonly string[] => [
  ...new Set([...lossInputs(forward, definitionOf(spec).loss), ...lossInputs(forward, loss)]),
];

/** Of the model before training, where something is compared with it. */
function referenceGraphs(forward: Graph, { base, spec, inputs }: Omit<GraphsOf, 'evaluates'>) {
  if (!inputsOfLosses(forward, spec, inputs.loss).includes('reference')) return undefined;
  // Log probabilities are the same at every β.
  return evaluationGraphs(base, { ...spec, training: { ...spec.training, beta: undefined } }, inputs);
}
