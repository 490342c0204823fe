import { BlockwiseCode } from '@temper/graph/quantization/blockwise-code';
import { dequantizeNf4, NF4_BLOCK, quantizeNf4, type Nf4 } from '@temper/graph/quantization/nf4';
import { isTrainedWhole, kernelShape, type LinearModule, type Module } from '../build/module.js';
import { readTensor, type TensorSource } from '../formats/safetensors.js';
import { sameShape, type BaseModel } from '../model.js';
import { namesDigest } from './names-digest.js';
import { Nf4Store } from './nf4-store.js';
import type { Nf4Spec, StoreForm } from './form.js';

/**
 * What transformers quantises (quantizers/base.py, get_keys_to_not_convert): every linear module, also of a head, but what gives the
 * tokens' logits or shares its weight with a table. What is trained whole stays as it is: PEFT cannot train what is in 4 bits.
 */
export const quantizable = (modules: readonly Module[], { keeps }: Nf4Spec): LinearModule[] =>
  modules.filter(
    (module) =>
      module.type === 'linear' &&
      module.tied === undefined &&
      !module.givesTokens &&
      !isTrainedWhole(module) &&
      !keeps.some((end) => `.${module.name}`.endsWith(`.${end}`)),
  ) as LinearModule[];

/** NF4 (Dettmers et al. 2023, QLoRA) of the linear modules that are frozen. */
export const nf4Form: StoreForm<Nf4Spec> = {
  folderName: (model, modules, spec) =>
    `nf4${spec.doubleQuantization ? '-double' : ''}-${namesDigest(chosenOf(model, modules, spec))}`,
  tensors: (model, modules, spec) => quantized(model, chosenOf(model, modules, spec), spec),
  store: (options, frozen, batch) => new Nf4Store(options, frozen, batch),
  kept: (modules, spec) =>
    new Map(
      quantizable(modules, spec).map((module) => [
        `${module.name}.weight`,
        (base) => quantizedAndBack(base, module, spec),
      ]),
    ),
};

/** What the files lack of a head is made from the seed, and trained. */
const chosenOf = (model: BaseModel, modules: readonly Module[], spec: Nf4Spec): LinearModule[] =>
  quantizable(modules, spec).filter((module) => isStored(model, module));

const isStored = (model: BaseModel, module: LinearModule): boolean => {
  const stored = model.weights.get(`${module.name}.weight`);
  return stored !== undefined && sameShape(stored.shape, kernelShape(module));
};

/** Module by module, so that no more than one is in memory. Tensors: MODULE.codes, and MODULE.absmax or what stands for it. */
function quantized(
  model: BaseModel,
  modules: readonly LinearModule[],
  { doubleQuantization }: Nf4Spec,
): Map<string, TensorSource> {
  const sources = new Map<string, TensorSource>();
  for (const module of modules) {
    const weights = once4Bits(model, module);
    const count = module.outputs * module.inputs;
    const blocks = Math.ceil(count / NF4_BLOCK);
    sources.set(`${module.name}.codes`, {
      dtype: 'U8',
      shape: [Math.ceil(count / 2)],
      data: async () => (await weights()).codes,
    });
    if (!doubleQuantization) {
      const data = async () => (await weights()).absmax;
      sources.set(`${module.name}.absmax`, { dtype: 'F32', shape: [blocks], data });
      continue;
    }
    const scales = async () => quantizedScales((await weights()).absmax);
    const groups = Math.ceil(blocks / code.blockSize);
    const tensor = (
      name: string,
      dtype: 'U8' | 'F32',
      shape: number[],
      part: 'codes' | 'scales' | 'offset',
    ) => sources.set(`${module.name}.${name}`, { dtype, shape, data: async () => (await scales())[part] });
    tensor('absmax_codes', 'U8', [groups * code.blockSize], 'codes');
    tensor('absmax_scales', 'F32', [groups], 'scales');
    tensor('absmax_offset', 'F32', [], 'offset');
  }
  return sources;
}

/** Its weight [outputs, inputs] in 4 bits; one written the other way round is turned first, as bitsandbytes does. */
function once4Bits(model: BaseModel, { name, layout, outputs, inputs }: LinearModule): () => Promise<Nf4> {
  return async () => {
    const { data } = await readTensor(model.weights.get(`${name}.weight`)!);
    const values = data as Float32Array;
    return quantizeNf4(layout === 'out-in' ? values : transposed(values, inputs, outputs));
  };
}

/** [rows, columns] → [columns, rows] */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c]!;
  return out;
}

function quantizedAndBack(
  base: Float32Array,
  { layout, outputs, inputs }: LinearModule,
  { doubleQuantization }: Nf4Spec,
): Float32Array {
  const isTurned = layout === 'in-out';
  const { codes, absmax } = quantizeNf4(isTurned ? transposed(base, inputs, outputs) : base);
  const values = dequantizeNf4(
    { codes, absmax: doubleQuantization ? scalesAndBack(absmax) : absmax },
    base.length,
  );
  return isTurned ? transposed(values, outputs, inputs) : values;
}

function scalesAndBack(absmax: Float32Array): Float32Array {
  const { codes, scales, offset } = quantizedScales(absmax);
  const values = new Float32Array(codes.length);
  code.decode(codes, scales, values);
  return values.subarray(0, absmax.length).map((value) => value + offset[0]!);
}

const code = new BlockwiseCode({ signed: true });

/** Double quantisation (QLoRA, §3): the scales without their mean in 8 bits a scale (bitsandbytes, quantize_4bit compress_statistics). */
function quantizedScales(absmax: Float32Array) {
  const mean = Math.fround(absmax.reduce((sum, value) => sum + value, 0) / absmax.length);
  const groups = code.blocksOf(absmax.length);
  const codes = new Uint8Array(groups * code.blockSize);
  const scales = new Float32Array(groups);
  code.encode(
    absmax.map((value) => value - mean),
    codes.subarray(0, absmax.length),
    scales,
  );
  return { codes, scales, offset: Float32Array.of(mean) };
}
