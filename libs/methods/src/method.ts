import type { Adaptable, Forward, Hooks, StoreSpec } from '@temper/models';
import type { MethodType, SpecOf } from './schema/index.js';

export interface MethodContext {
  /** Folder of a PEFT adapter to start from. */
  readonly initFrom?: string | undefined;
  /** The adapter's classification head is for other classes: it is left out. */
  readonly newHead?: boolean | undefined;
  /** What of the model can be changed. */
  readonly model: Adaptable;
}

/** First values that are not those of the graph. */
export interface Start {
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** Weights of the model itself, by its own names, that the adapter to start from brought along: a task head. */
  readonly loaded: readonly string[];
}

/** A method at work on one forward graph. */
export interface MethodBuild {
  readonly hooks: Hooks;
  /** Once the graph is built. @throws TemperError SPEC_INVALID where the adapter to start from does not fit */
  start(forward: Forward): Start;
}

/** What a check knows of a model. */
export interface CheckedModules {
  /** Linear modules and the sizes of their products. */
  readonly linears: ReadonlyMap<string, readonly [outputs: number, inputs: number]>;
}

/** Everything about one fine-tuning method beside its part of the spec. */
export interface Method<T extends MethodType> {
  /** @throws TemperError SPEC_INVALID with all that the model lacks for the spec */
  check(spec: SpecOf<T>, model: CheckedModules): void;
  /** @throws TemperError SPEC_INVALID where the spec does not fit the model */
  begin(spec: SpecOf<T>, context: MethodContext): MethodBuild;
  /** How the frozen weights of the linear modules lie in memory; undefined: as float32, in the model's own files. */
  store(spec: SpecOf<T>): StoreSpec | undefined;
  /** The same method in evaluation: without dropout. */
  still(spec: SpecOf<T>): SpecOf<T>;
}

/** The graph's own values. */
export const graphStart: Start = { initial: new Map(), loaded: [] };
