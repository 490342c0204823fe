import { TemperError } from '@temper/contracts';
import { GraphBuilder, type Graph } from '@temper/graph';
import { modulesOf, type Head, type HeadKind } from './architectures/family.js';
import { classFor, recognize } from './architectures/registry.js';
import { CachedAttention } from './attention/cached.js';
import { PaddedAttention } from './attention/padded.js';
import { SegmentedAttention } from './attention/segments.js';
import { Build, type Trainable } from './build/build.js';
import { noHooks, type Hooks } from './build/hooks.js';
import { batchInputs, withPositionsBefore, withVirtualTokens, type BatchInputs } from './build/inputs.js';
import { parametersOf } from './build/module.js';
import type { StoredParameter } from './build/weight-store.js';
import type { RandomInput } from './dropout.js';
import { headFacts } from './head-kinds.js';
import { classesOfHead } from './head.js';
import { checkWeights, type BaseModel } from './model.js';
import { storeOf } from './stores/table.js';

export interface ForwardOptions {
  readonly task: HeadKind;
  /** Classes; default: as many as the model's own head or config.json has, else 2. */
  readonly labels?: number | undefined;
  /** The classes of the files' head are others: what has a row a class is made anew. */
  readonly newHead?: boolean | undefined;
  /** Of a head that the files lack, of a new one, and of what a method makes. */
  readonly seed: number;
  /** The longest sequence that will be fed, default 8,192; never more than the positions allow. */
  readonly maxLength?: number | undefined;
  /** Of the model itself, for training: the rates of config.json, or one for all places that it has them for; default 0. */
  readonly dropout?: 'config' | number | undefined;
  /** How tokens are laid out: padded batches (default), packed rows, or going on from a cache. */
  readonly attention?: keyof typeof strategies | undefined;
  /** Of the fine-tuning method; default: the model as it is. */
  readonly hooks?: Hooks | undefined;
}

export interface Forward {
  readonly graph: Graph;
  /** Weights of the head that were made from the seed, by the model's own names. */
  readonly initialized: readonly string[];
  /** Initializers that are trained: the method's own, then the model's. */
  readonly trainable: readonly Trainable[];
  /** With a cache: tokens of id 0 that go in front of the first ones. */
  readonly virtualTokens: number;
  /** With a cache: its slots in front that no token is read for. */
  readonly prefixTokens: number;
  /** Further inputs: one mask for each place of dropout, the model's before the method's. */
  readonly randomInputs: readonly RandomInput[];
}

/** Each made anew for each graph. */
const strategies = { padded: PaddedAttention, segments: SegmentedAttention, cached: CachedAttention };

const defaultMaxLength = 8192;

/**
 * The forward graph. Inputs: input_ids, attention_mask int32 [batch, sequence], token_places int32 [tokens, 2] (the example and
 * position of each real token), where the head asks for it label_positions int32 [counted] (rows of token_places) and, of two texts,
 * token_type_ids int32 [batch, sequence].
 * Output: logits [batch, classes], [counted, classes], [counted, vocabulary] or, of embeddings, [batch, width]. Weights stay in the model's own files.
 * @throws TemperError MODEL_CORRUPT with the weights that are missing or have a wrong shape
 */
export function buildForward(model: BaseModel, options: ForwardOptions): Forward {
  const recognized = recognize(model.config, model.folder);
  const { family, settings } = recognized;
  const { task, seed, hooks = noHooks } = options;
  classFor(recognized, task, model.folder);
  const head: Head = { task, labels: options.labels ?? labelsOf(model, task) };
  checkWeights(recognized, model.weights, head, model.folder);

  const g = new GraphBuilder(`${model.family} ${task}`);
  const layout = options.attention ?? 'padded';
  const attention = new strategies[layout]();
  const inputs = hookedInputs(g, batchInputs(g, layout, headFacts[task].readsPairs), hooks);
  const before = (hooks.virtualTokens ?? 0) + (hooks.prefixTokens ?? 0);
  if (before && layout === 'segments') throw notPacked();
  const modules = modulesOf(family, settings, head);
  const parameters = parametersOf(modules);
  const storeOptions = {
    ...{ g, parameters, seed, weights: model.weights, newHead: options.newHead ?? false },
    trains: hooks.trains,
  };
  const store = storeOf(model, storeOptions, inputs.places);
  const build = new Build({
    ...{ g, modules, store, hooks, inputs, seed },
    attention,
    maxSequence: Math.min(family.maxPositions(settings), (options.maxLength ?? defaultMaxLength) + before),
    dropoutRate: (configured) => (options.dropout === 'config' ? configured : (options.dropout ?? 0)),
  });
  const body = family.forward(build, settings, task);
  g.output(family.heads[task]!.forward(build, settings, body), 'logits');
  for (const [name, value] of attention.outputs) g.output(value, name);
  const graph = g.build();
  return {
    graph,
    initialized: store.stored.flatMap(({ parameter, made }) => (made ? [parameter.name] : [])),
    trainable: [...build.made, ...trainedWeights(graph, store.stored, hooks)],
    virtualTokens: hooks.virtualTokens ?? 0,
    prefixTokens: hooks.prefixTokens ?? 0,
    randomInputs: [...build.modelMasks, ...build.methodMasks],
  };
}

function hookedInputs(
  g: GraphBuilder,
  inputs: BatchInputs,
  { virtualTokens, prefixTokens }: Hooks,
): BatchInputs {
  if (virtualTokens) return withVirtualTokens(g, inputs, virtualTokens);
  return prefixTokens ? withPositionsBefore(g, inputs, prefixTokens) : inputs;
}

const notPacked = () =>
  new TemperError('SPEC_INVALID', {
    path: 'tokenize.packing',
    message: 'a method that puts tokens in front of each example cannot be trained on packed rows',
    found: 'true',
    allowed: 'false',
  });

/** The model's own weights that the method trains, in the order of the family, where a node reads them. */
function trainedWeights(graph: Graph, stored: readonly StoredParameter[], hooks: Hooks): Trainable[] {
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  return stored.flatMap(({ parameter, value, made }) => {
    if (hooks.trains(parameter, made) === undefined || !used.has(value)) return [];
    const { shape, kind } = parameter;
    const learningRateScale = hooks.learningRateScale?.(parameter);
    return [
      { name: value.name, shape, kind, ...(learningRateScale === undefined ? {} : { learningRateScale }) },
    ];
  });
}

/** Classes of the model's own head; a count of config.json alone costs a head's memory, so it is no larger than such are. */
export function labelsOf(model: BaseModel, task: HeadKind): number {
  const names = model.config.id2label;
  const stated =
    typeof names === 'object' && names !== null ? Object.keys(names).length : model.config.num_labels;
  const plausible = Number.isInteger(stated) && (stated as number) > 0 && (stated as number) <= MOST_CLASSES;
  return classesOfHead(model, task) ?? (plausible ? (stated as number) : 2);
}

const MOST_CLASSES = 100_000;
