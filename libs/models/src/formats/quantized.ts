import { TemperError } from '@temper/contracts';
import type { ElementType } from './dtypes.js';
import { shown } from './messages.js';

/** By the ends of tensors' names: what a scheme stores beside, or instead of, a weight. */
const traces: readonly (readonly [RegExp, string])[] = [
  [/\.(qweight|qzeros|g_idx)$/, 'GPTQ or AWQ'],
  [
    /\.(absmax|quant_map|nested_absmax|nested_quant_map)$|\.quant_state\.bitsandbytes__\w+$/,
    'bitsandbytes, 4 bits',
  ],
  [/\.(SCB|weight_format)$/, 'bitsandbytes, 8 bits'],
  [/\.(weight_packed|weight_shape|weight_zero_point|weight_global_scale)$/, 'compressed-tensors'],
  [
    /\.(weight_scale|weight_scale_inv|input_scale|activation_scale|k_scale|v_scale)$/,
    'scaled 8-bit or 4-bit floats',
  ],
  [/_(blocks|scales)$/, 'MXFP4'],
];

const eightBit: ReadonlySet<ElementType> = new Set([
  'F8_E4M3',
  'F8_E5M2',
  'F8_E4M3FNUZ',
  'F8_E5M2FNUZ',
  'F8_E8M0',
  'F6_E2M3',
  'F6_E3M2',
  'F4',
]);

/** Refuses weights that stand for others by a scheme: trained as they lie in the file they would be nonsense. */
export function refuseQuantized(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  tensors: ReadonlyMap<string, { readonly dtype: ElementType }>,
): void {
  const found = inConfig(config) ?? inTensors(tensors);
  if (found === undefined) return;
  throw new TemperError('MODEL_UNSUPPORTED', {
    path: folder,
    message: 'the weights are quantised',
    found,
    allowed: 'F32, F16, BF16, F64, or a .gguf file',
    hint: 'take the checkpoint that it was quantised from',
  });
}

function inConfig({ quantization_config: scheme }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof scheme !== 'object' || scheme === null) return undefined;
  const {
    quant_method: method,
    bits,
    load_in_4bit: four,
    load_in_8bit: eight,
  } = scheme as Record<string, unknown>;
  const width = typeof bits === 'number' ? bits : four === true ? 4 : eight === true ? 8 : undefined;
  const name = typeof method === 'string' ? shown(method) : 'a scheme without a name';
  return `quantization_config of config.json: ${name}${width ? `, ${width} bits` : ''}`;
}

function inTensors(tensors: ReadonlyMap<string, { readonly dtype: ElementType }>): string | undefined {
  for (const [name, { dtype }] of tensors) {
    const scheme = traces.find(([ends]) => ends.test(name))?.[1];
    if (scheme) return `${shown(name)} (${scheme})`;
    if (eightBit.has(dtype)) return `${shown(name)} of type ${dtype}`;
  }
  return undefined;
}
