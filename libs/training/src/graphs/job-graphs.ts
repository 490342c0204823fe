import type { TokensMeta } from '@temper/contracts';
import {
  compileEvaluation,
  compileGradients,
  splitRowGradients,
  type Graph,
  type RowGradient,
  type TrainedLoss,
} from '@temper/graph';
import { buildStill, buildTrainable, type TrainableForward } from '@temper/methods';
import { buildForward, type BaseModel } from '@temper/models';
import type { PipelineSpec } from '@temper/spec';
import { definitionOf } from '@temper/tasks';
import type { GenerationGraph } from '../generation/decoder.js';

/** What of a spec graphs follow from. */
export type GraphSettings = Pick<
  PipelineSpec,
  'task' | 'problemType' | 'method' | 'training' | 'tokenize'
> & { readonly model: Pick<PipelineSpec['model'], 'precision' | 'dropout'> };

/** The graphs of a job: forward → method → compile. */
export interface JobGraphs {
  /** What is trained, and from which values. */
  readonly forward: TrainableForward;
  readonly gradients: { readonly graph: Graph; readonly rowGradients: readonly RowGradient[] };
  /** Made when it is asked for: many a training has none. */
  evaluation(): Graph;
}

/** What graphs are made of beside the base model and the spec. */
export interface GraphInputs {
  readonly tokens: TokensMeta;
  /** What is minimised; default: what evaluations measure. */
  readonly loss?: TrainedLoss | undefined;
  /** Folder of the adapter to start from. */
  readonly initFrom?: string | undefined;
  /** Ids of the tokens of the method's text to start from. */
  readonly startTokens?: readonly number[] | undefined;
}

export function trainingGraphs(base: BaseModel, spec: GraphSettings, inputs: GraphInputs): JobGraphs {
  const options = optionsOf(spec, inputs);
  const { packing } = spec.tokenize;
  const attention = packing ? 'segments' : 'padded';
  const forward = buildTrainable(base, spec.method, { ...options, attention });
  // Dropout is part of training only, and so are packed rows.
  const isStill = forward.randomInputs.length === 0 && !packing;
  return {
    forward,
    gradients: splitRowGradients(
      compileGradients({ ...inputOf(forward, spec), ...(inputs.loss && { loss: inputs.loss }) }),
    ),
    evaluation: once(() =>
      compileEvaluation(inputOf(isStill ? forward : buildStill(base, spec.method, options), spec)),
    ),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** `base`: of the model that the trained one is compared with; undefined where that is the one graph with other values. */
export function evaluationGraphs(
  base: BaseModel,
  spec: GraphSettings,
  inputs: GraphInputs,
): Omit<JobGraphs, 'gradients'> & { readonly base?: Graph | undefined } {
  const options = optionsOf(spec, inputs);
  const forward = buildStill(base, spec.method, options);
  const graph = compileEvaluation(inputOf(forward, spec));
  // An adapter to start from is compared as it was. Else it is the base model as it is, whatever the method: its measurements
  // are those of every method.
  if (options.initFrom !== undefined) return { forward, evaluation: () => graph };
  const unchanged = buildForward(base, { ...options, dropout: 0 });
  const compiled = compileEvaluation({
    forward: unchanged.graph,
    loss: definitionOf(spec).loss,
    trainable: [],
  });
  return { forward, evaluation: () => graph, base: compiled };
}

/** `side`: the trained model, whose parameters are inputs, or what it is compared with: as for evaluations. */
export function generationGraph(
  base: BaseModel,
  spec: GraphSettings,
  inputs: GraphInputs,
  side: 'base' | 'trained',
): GenerationGraph & { readonly parameters: boolean } {
  // As long as the model has positions, not as the texts that are learnt.
  const options = { ...optionsOf(spec, inputs), maxLength: undefined, attention: 'cached' } as const;
  if (side === 'base' && options.initFrom === undefined) {
    return { ...buildForward(base, { ...options, dropout: 0 }), parameters: false };
  }
  const { graph, trainable, virtualTokens, prefixTokens } = buildStill(base, spec.method, options);
  const names = trainable.map(({ name }) => name);
  const initializers = new Map(graph.initializers);
  const weights = names.map((name) => initializers.get(name)!.value);
  for (const name of names) initializers.delete(name);
  return {
    graph: { ...graph, inputs: [...graph.inputs, ...weights], initializers },
    virtualTokens,
    prefixTokens,
    parameters: true,
  };
}

function optionsOf(spec: GraphSettings, inputs: GraphInputs) {
  const { tokens, startTokens, initFrom } = inputs;
  const { labelNames, head: planned } = tokens;
  const { model, tokenize, training } = spec;
  const { head, headSize } = definitionOf(spec);
  return {
    task: head,
    labels: headSize(labelNames),
    newHead: planned?.from === 'new',
    seed: training.seed,
    maxLength: tokenize.maxLength,
    dropout: model.dropout,
    initFrom,
    startTokens,
  };
}

const inputOf = ({ graph, trainable }: TrainableForward, spec: GraphSettings) => ({
  forward: graph,
  loss: definitionOf(spec).loss,
  trainable: trainable.map(({ name }) => name),
});
