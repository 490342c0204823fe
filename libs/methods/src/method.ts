import type { Adaptable, BaseModel, Hooks, StoreSpec, TrainedWeights } from '@temper/models';
import type { Adapter } from './adapter/read-adapter.js';
import type { FieldUse } from './adapter/config-fields.js';
import type { MethodType, SpecOf } from './schema/index.js';
import type { TrainedHeads } from './trained-heads.js';

export interface MethodContext {
  readonly base: BaseModel;
  /** What of the model can be changed. */
  readonly model: Adaptable;
  /** The adapter to start from. */
  readonly adapter?: Adapter | undefined;
  /** Ids of the tokens of the spec's text to start from. */
  readonly startTokens?: readonly number[] | undefined;
}

/** A method at work on one forward graph. */
export interface MethodBuild {
  readonly hooks: Hooks;
  /** Of a method that makes an adapter: what it trains of the model itself. */
  readonly heads?: TrainedHeads | undefined;
}

/** What an adapter says of the spec. */
export interface Readings<S> {
  /** Decides on its weights: a spec that says something else contradicts it. */
  readonly fixed: Partial<S>;
  /** Of the training that made it: a spec may say something else. */
  readonly free?: Partial<S>;
}

/** What becomes of a weight of the base, by its name. */
export type Merges = ReadonlyMap<string, (base: Float32Array) => Float32Array>;

/** An adapter in PEFT's files: adapter_config.json and adapter_model.safetensors. */
export interface AdapterFormat<S> {
  /** `peft_type` of adapter_config.json. */
  readonly peftType: string;
  /** PEFT has no such adapter and cannot load the files; Temper can. */
  readonly isUnknownToPeft?: true;
  /** PEFT wraps the model once and not twice, and the names of what is trained of the model itself say so (prompt learning). */
  readonly wrappedOnce?: true;
  /** What is made of each field of adapter_config.json; a field without a line is refused where it is set. */
  readonly fields: Readonly<Record<string, FieldUse>>;
  read(adapter: Adapter): Readings<S>;
  /** Modules of the base that the adapter has weights for; undefined: it has none for any module. */
  modules?(adapter: Adapter): readonly string[];
  /** The weights by their names in the file, with their shapes. */
  shapes(spec: S, model: Adaptable, adapter: Adapter): ReadonlyMap<string, readonly number[]>;
  /**
   * Weights of the adapter's own that are not trained, by their names in the file: those of the adapter to start from, else made anew.
   * A checkpoint lacks them.
   */
  untrained?(spec: S, model: Adaptable, adapter: Adapter | undefined): TrainedWeights;
  /** Fields of adapter_config.json beside those of every adapter. `weights` are those of the file. */
  config(spec: S, model: Adaptable, weights: TrainedWeights): Readonly<Record<string, unknown>>;
  /** What of the trained weights is in the file, and what of it follows from them; default: all as they are. */
  tensors?(spec: S, weights: TrainedWeights): TrainedWeights;
  /** How the adapter goes into the base's weights; or, in words, why it cannot. */
  readonly merge: string | ((spec: S, model: Adaptable, weights: TrainedWeights) => Merges);
}

/** Everything about one fine-tuning method beside its part of the spec. */
export interface Method<T extends MethodType> {
  /** @throws TemperError SPEC_INVALID with all that the model lacks for the spec */
  check(spec: SpecOf<T>, model: Adaptable): void;
  /** @throws TemperError SPEC_INVALID where the spec does not fit the model */
  begin(spec: SpecOf<T>, context: MethodContext): MethodBuild;
  /** Positions that it takes before each example's own. */
  positions?(spec: SpecOf<T>): number;
  /** How the frozen weights of the linear modules lie in memory; undefined: as float32, in the model's own files. */
  store(spec: SpecOf<T>): StoreSpec | undefined;
  /** The same method in evaluation: without dropout. */
  still(spec: SpecOf<T>): SpecOf<T>;
  /** What is published: the whole model, or an adapter. */
  readonly published: 'full' | AdapterFormat<SpecOf<T>>;
}
