import {
  adaptable,
  buildForward,
  labelsOf,
  withStore,
  type BaseModel,
  type Forward,
  type ForwardOptions,
} from '@temper/models';
import type { Method } from './method.js';
import type { MethodSpec, MethodType } from './schema/index.js';
import { methods } from './table.js';

export interface TrainableOptions extends Omit<ForwardOptions, 'hooks'> {
  /** Folder of a PEFT adapter to start from. */
  readonly initFrom?: string | undefined;
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
  spec: MethodSpec,
  { initFrom, ...options }: TrainableOptions,
): TrainableForward {
  const method = methods[spec.type] as Method<MethodType>;
  const head = { task: options.task, labels: options.labels ?? labelsOf(model, options.task) };
  const { hooks, start } = method.begin(spec, {
    initFrom,
    newHead: options.newHead,
    model: adaptable(model, head),
  });
  const forward = buildForward(model, { ...options, hooks });
  return { ...forward, ...start(forward) };
}

/** The same in evaluation: without dropout, of the model or of the method. */
export const buildStill = (model: BaseModel, spec: MethodSpec, options: TrainableOptions): TrainableForward =>
  buildTrainable(model, stillSpec(spec), { ...options, dropout: 0 });

const stillSpec = (spec: MethodSpec): MethodSpec => (methods[spec.type] as Method<MethodType>).still(spec);

/**
 * The model with its frozen weights as the method keeps them; what is made for it lies in `cacheFolder`.
 * `head`: of the graph that will be built.
 */
export const storedFor = (
  model: BaseModel,
  spec: MethodSpec,
  head: Pick<TrainableOptions, 'task' | 'labels'>,
  cacheFolder: string,
): Promise<BaseModel> => {
  const { modules } = adaptable(model, {
    task: head.task,
    labels: head.labels ?? labelsOf(model, head.task),
  });
  return withStore(model, modules, (methods[spec.type] as Method<MethodType>).store(spec), cacheFolder);
};
