import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configFile } from '@temper/models/testing';
import { elementCount, uniforms, writeSafetensors, type HfConfig, type TensorSource } from '@temper/models';
import type { Cell, SpecifiedTensor } from './golden.js';

/** Of generator.py. */
const SEED = 20;
const PROJECTIONS = 8;

/** The same elements as `values` of generator.py. */
export const specifiedValues = ([name, shape, center, bound]: SpecifiedTensor): Float32Array =>
  Float32Array.from(uniforms(elementCount(shape), SEED, name), (u) => center + (2 * u - 1) * bound);

/** The directions on which a change is projected, one after the other: mean 0, variance 1. */
export const directionsOf = (name: string, count: number): Float64Array =>
  uniforms(PROJECTIONS * count, SEED, `direction of ${name}`).map((u) => (2 * u - 1) * Math.sqrt(3));

/** The base model as transformers' save_pretrained writes it, with the generator's values. */
export async function writeBase(folder: string, { config, base }: Cell): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), configFile(config as HfConfig));
  await writeSafetensors(join(folder, 'model.safetensors'), sources(base));
}

/** The adapter to start from, as PEFT's save_pretrained writes it. */
export async function writeAdapter(folder: string, adapter: NonNullable<Cell['adapter']>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify(adapter.config));
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), sources(adapter.tensors));
}

const sources = (tensors: readonly SpecifiedTensor[]): Record<string, TensorSource> =>
  Object.fromEntries(
    tensors.map((tensor) => [tensor[0], { dtype: 'F32', shape: tensor[1], data: specifiedValues(tensor) }]),
  );
