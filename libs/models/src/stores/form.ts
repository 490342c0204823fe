import type { Precision } from '@temper/contracts';
import type { Value } from '@temper/graph';
import type { Module } from '../build/module.js';
import type { Float32Store, StoreOptions } from '../build/weight-store.js';
import type { TensorSource } from '../formats/safetensors.js';
import type { BaseModel, FrozenWeights } from '../model.js';

/** Linear modules in 4 bits. */
export interface Nf4Spec {
  readonly kind: 'nf4';
  readonly doubleQuantization: boolean;
  /** Modules that stay float32, because they are trained whole: ends of their names. */
  readonly keeps: readonly string[];
}

/** Every frozen weight in 2 bytes. */
export interface HalfSpec {
  readonly kind: Exclude<Precision, 'fp32'>;
}

/** How frozen weights lie in memory, where they are not float32 in the model's own files. */
export type StoreSpec = Nf4Spec | HalfSpec;

/** One way in which frozen weights lie: everything that differs from one to another. */
export interface StoreForm<S extends StoreSpec> {
  /** Of the folder in the cache, for one base: what differs has another name. */
  folderName(model: BaseModel, modules: readonly Module[], spec: S): string;
  /**
   * The weights as tensors of a safetensors file, whose data throws TemperError MODEL_UNSUPPORTED with the weight that cannot be
   * kept so.
   */
  tensors(model: BaseModel, modules: readonly Module[], spec: S): ReadonlyMap<string, TensorSource>;
  /** The weights in a graph. `batch`: any value whose length only a batch knows. */
  store(options: StoreOptions, frozen: FrozenWeights & { readonly spec: S }, batch: Value): Float32Store;
  /** What training computes with, by the names of the weights: of float32 values those that are left of them. */
  kept(modules: readonly Module[], spec: S): ReadonlyMap<string, (base: Float32Array) => Float32Array>;
}
