import { join } from 'node:path';
import type { Value } from '@temper/graph';
import type { Module } from '../build/module.js';
import { Float32Store, type StoreOptions } from '../build/weight-store.js';
import { readSafetensorsHeader } from '../formats/safetensors-header.js';
import type { BaseModel } from '../model.js';
import { makingIn, type Making } from '../making.js';
import { weightFiles } from '../prepare.js';
import type { StoreForm, StoreSpec } from './form.js';
import { halfForm } from './half.js';
import { nf4Form } from './nf4.js';

type SpecOf<K extends StoreSpec['kind']> = Extract<StoreSpec, { readonly kind: K }>;

/** A kind without an entry is a type error. */
const forms: { readonly [K in StoreSpec['kind']]: StoreForm<SpecOf<K>> } = {
  nf4: nf4Form,
  fp16: halfForm,
  bf16: halfForm,
};

const formOf = ({ kind }: StoreSpec): StoreForm<StoreSpec> => forms[kind] as StoreForm<StoreSpec>;

const fileName = 'frozen.safetensors';

/**
 * The model with its frozen weights as `spec` says beside it: a file in a folder of the cache, made once for the content of its weights.
 * @throws TemperError MODEL_UNSUPPORTED with the weight that cannot be kept so
 */
export async function withStore(
  model: BaseModel,
  modules: readonly Module[],
  spec: StoreSpec | undefined,
  to: string | Making,
): Promise<BaseModel> {
  if (!spec) return model;
  const form = formOf(spec);
  const files = [...weightFiles(model), join(model.folder, 'config.json')];
  const { folder: made, write } = makingIn(to);
  const folder = await made(form.folderName(model, modules, spec), files, (target) =>
    write(join(target, fileName), form.tensors(model, modules, spec)),
  );
  const file = join(folder, fileName);
  const { tensors } = await readSafetensorsHeader(file);
  return { ...model, frozen: { file, tensors, spec } };
}

/** The weights of a graph. `batch`: any value whose length only a batch knows. */
export const storeOf = ({ frozen }: BaseModel, options: StoreOptions, batch: Value): Float32Store =>
  frozen ? formOf(frozen.spec).store(options, frozen, batch) : new Float32Store(options);

/**
 * What the frozen weights are that training computed with, by the names of their weights: the files' own values as they are kept, and
 * back. A merged model has these under the adapter.
 */
export const keptValues = (
  modules: readonly Module[],
  spec: StoreSpec | undefined,
): ReadonlyMap<string, (base: Float32Array) => Float32Array> =>
  spec ? formOf(spec).kept(modules, spec) : new Map();
