import {
  adaptable,
  buildForward,
  labelsOf,
  withStore,
  type BaseModel,
  type Forward,
  type ForwardOptions,
  type TrainedWeights,
} from '@temper/models';
import { adapterWeights, refuseOtherModels } from './adapter/fit.js';
import { withoutBaseTables } from './adapter/base-tables.js';
import type { Adapter } from './adapter/read-adapter.js';
import { withBodyNames } from './adapter/body-names.js';
import { adapterIn, settle, settledBy } from './adapter/settle.js';
import type { MethodBuild } from './method.js';
import { modelName } from './peft-names.js';
import { storeSpecOf, type Frozen } from './store-spec-of.js';
import type { MethodSpec, MethodType } from './schema/index.js';
import { adapterFormatOf, methodOf } from './table.js';

export interface TrainableOptions extends Omit<ForwardOptions, 'hooks'> {
  /** A PEFT adapter to start from: its folder, or what was read of it. */
  readonly initFrom?: string | Adapter | undefined;
  /** Ids of the tokens of the method's text to start from (`startTextOf`). */
  readonly startTokens?: readonly number[] | undefined;
}

/** A forward graph as the method has it: what is trained, from which values, with which random inputs. */
export interface TrainableForward extends Forward {
  /** First values that are not those of the graph's own initializers. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Weights of the model itself, by its own names, that the adapter to start from brought along: a task head. */
  readonly loaded: readonly string[];
}

/**
 * The forward graph of a model with a fine-tuning method in it.
 * @throws TemperError SPEC_INVALID where the method's settings or its adapter do not fit the model
 */
export function buildTrainable(
  model: BaseModel,
  given: MethodSpec,
  { initFrom, startTokens, ...options }: TrainableOptions,
): TrainableForward {
  const head = { task: options.task, labels: options.labels ?? labelsOf(model, options.task) };
  const changed = adaptable(model, head);
  const read = typeof initFrom === 'string' ? adapterIn(initFrom, given) : initFrom;
  const adapter = read && withoutBaseTables(withBodyNames(read, changed), changed, model);
  const { spec, problems } = settle(given, adapter);
  const format = adapterFormatOf(spec);
  if (adapter && format) refuseOtherModels(adapter, format, changed.modules);
  const method = methodOf<MethodType>(spec);
  const begun = method.begin(spec, { base: model, model: changed, adapter, startTokens });
  const forward = buildForward(model, { ...options, hooks: begun.hooks });
  if (!adapter || !format) return { ...forward, initial: new Map(), loaded: [] };
  return {
    ...forward,
    ...startFrom(adapter, begun, forward, {
      ...{ spec, format, problems, newHead: options.newHead },
      untrained: format.untrained?.(spec, changed, adapter) ?? new Map(),
    }),
  };
}

type Start = Pick<Parameters<typeof adapterWeights>[1], 'spec' | 'format' | 'problems'> & {
  readonly newHead: boolean | undefined;
  readonly untrained: TrainedWeights;
};

const shapeOf = ([name, { shape }]: readonly [string, { readonly shape: readonly number[] }]) =>
  [name, shape] as const;

function startFrom(
  adapter: Adapter,
  { heads }: MethodBuild,
  { trainable }: Forward,
  { newHead, untrained, ...fitting }: Start,
): Pick<TrainableForward, 'initial' | 'loaded'> {
  const whole = trainable.map(({ name }) => name).filter((name) => heads?.has(name));
  const initial = adapterWeights(adapter, {
    ...fitting,
    shapes: new Map([...trainable.map((t) => [t.name, t] as const), ...untrained].map(shapeOf)),
    optional: new Set(whole),
    ignored: new Set(newHead ? whole.filter((name) => heads?.isPerClass(name)) : []),
  });
  // The graph has them already.
  for (const name of untrained.keys()) initial.delete(name);
  return { initial, loaded: whole.filter((name) => initial.has(name)).map(modelName) };
}

/** Positions that the method takes before each example's own. */
export const positionsTaken = (spec: MethodSpec): number => methodOf<MethodType>(spec).positions?.(spec) ?? 0;

/** The same in evaluation: without dropout, of the model or of the method. */
export const buildStill = (model: BaseModel, spec: MethodSpec, options: TrainableOptions): TrainableForward =>
  buildTrainable(model, methodOf<MethodType>(spec).still(spec), { ...options, dropout: 0 });

/**
 * The model with its frozen weights as they are kept in memory; what is made for it lies in `to`, a cache's folder.
 * `head`: of the graph that will be built, and the adapter that it starts from.
 */
export const storedFor = (
  model: BaseModel,
  { method: given, precision }: Frozen,
  head: Pick<TrainableOptions, 'task' | 'labels' | 'initFrom'>,
  to: Parameters<typeof withStore>[3],
): Promise<BaseModel> => {
  const spec = settledBy(given, head.initFrom);
  const { modules } = adaptable(model, {
    task: head.task,
    labels: head.labels ?? labelsOf(model, head.task),
  });
  return withStore(model, modules, storeSpecOf({ method: spec, precision }), to);
};
