import { TemperError } from '@temper/contracts';
import { numberToBfloat16, numberToHalf } from '@temper/graph';
import { parametersOf, type Module, type Parameter } from '../build/module.js';
import { bfloat16ToFloat32, halvesToFloat32 } from '../formats/floats.js';
import { readTensor, type TensorSource } from '../formats/safetensors.js';
import { sameShape, type BaseModel } from '../model.js';
import type { HalfSpec, StoreForm } from './form.js';
import { HalfStore } from './half-store.js';
import { namesDigest } from './names-digest.js';

interface HalfFormat {
  readonly dtype: 'F16' | 'BF16';
  /** The nearest, ties to even; what is too large is infinite. */
  bits(x: number): number;
  values(bits: Uint16Array): Float32Array;
}

export const halfFormats: { readonly [K in HalfSpec['kind']]: HalfFormat } = {
  fp16: { dtype: 'F16', bits: numberToHalf, values: halvesToFloat32 },
  bf16: { dtype: 'BF16', bits: numberToBfloat16, values: bfloat16ToFloat32 },
};

/** Every weight that the files have, in 2 bytes: which of them are trained, and stay float32, a graph says. */
export const halfForm: StoreForm<HalfSpec> = {
  folderName: (model, modules, { kind }) => `${kind}-${namesDigest(storedOf(model, modules))}`,
  tensors(model, modules, { kind }) {
    const { dtype, bits } = halfFormats[kind];
    const sources = new Map<string, TensorSource>();
    for (const { name, shape } of storedOf(model, modules)) {
      const data = async () => {
        const { data } = await readTensor(model.weights.get(name)!);
        return narrowed(data as Float32Array, bits, { name, kind });
      };
      sources.set(name, { dtype, shape, data });
    }
    return sources;
  },
  store: (options, frozen) => new HalfStore(options, frozen),
  kept: (modules, { kind }) => {
    const { bits, values } = halfFormats[kind];
    return new Map(
      parametersOf(modules).map(({ name }) => [name, (base) => values(narrowed(base, bits, { name, kind }))]),
    );
  },
};

const storedOf = (model: BaseModel, modules: readonly Module[]): Parameter[] =>
  parametersOf(modules).filter(({ name, shape }) => {
    const stored = model.weights.get(name);
    return stored !== undefined && sameShape(stored.shape, shape);
  });

/** @throws TemperError MODEL_UNSUPPORTED for a finite value that would become infinite */
function narrowed(
  values: Float32Array,
  bits: HalfFormat['bits'],
  { name, kind }: HalfSpec & { readonly name: string },
): Uint16Array {
  const half = new Uint16Array(values.length);
  const infinite = bits(Infinity);
  let at = -1;
  for (let i = 0; i < half.length; i++) {
    half[i] = bits(values[i]!);
    if ((half[i]! & 0x7fff) === infinite && Number.isFinite(values[i])) at = i;
  }
  if (at < 0) return half;
  throw new TemperError('MODEL_UNSUPPORTED', {
    path: name,
    message: `a weight of the base model is beyond the range of ${kind}`,
    found: String(values[at]),
    allowed: kind === 'fp16' ? '-65504 to 65504' : '-3.39e38 to 3.39e38',
    hint: kind === 'fp16' ? 'model.precision: bf16, or fp32' : 'model.precision: fp32',
  });
}
