import { TemperError } from '@temper/contracts';
import { llama3Factors } from '../../architectures/rope.js';
import { elementCount, shownShape } from '../dtypes.js';
import { shown } from '../messages.js';
import { readGgufTensor, type GgufFile } from './reader.js';
import type { GgufSettings } from './settings.js';

/** config.json's `rope_scaling`, or null where positions are rotated as trained. */
export async function ropeScaling(
  settings: GgufSettings,
  theta: number,
  headSize: number,
): Promise<object | null> {
  const { file } = settings;
  const frequencies = file.tensors.get('rope_freqs.weight');
  if (frequencies && elementCount(frequencies.shape) !== headSize / 2)
    throw unsupported(file, `rope_freqs.weight of shape ${shownShape(frequencies.shape)}`);
  if (frequencies) return llama3Scaling(file, await readGgufTensor(file.file, frequencies), theta, headSize);
  // As llama.cpp reads them (llama-model.cpp): linear where no type is given, and nothing without a factor.
  const type = settings.value('rope.scaling.type') ?? 'linear';
  if (type === 'none') return null;
  const factor = settings.number('rope.scaling.factor') ?? settings.number('rope.scale_linear') ?? 0;
  if (type === 'linear') return factor === 0 || factor === 1 ? null : { rope_type: 'linear', factor };
  if (type !== 'yarn') throw unsupported(file, shown(type));
  return { rope_type: 'yarn', factor, ...yarnFields(settings) };
}

/** Where metadata says nothing, transformers' values are llama.cpp's too. */
function yarnFields(settings: GgufSettings): object {
  const fields = {
    original_max_position_embeddings: 'original_context_length',
    beta_fast: 'yarn_beta_fast',
    beta_slow: 'yarn_beta_slow',
  };
  for (const key of ['attn_factor', 'yarn_attn_factor', 'yarn_ext_factor'])
    settings.only(`rope.scaling.${key}`, [1]);
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, key]) => {
      const value = settings.number(`rope.scaling.${key}`);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

/**
 * Llama 3 keeps only the divisors that its rule gives, one a frequency. The largest is the rule's factor; the rest of the
 * rule is the same for every published Llama 3, and is checked against all divisors.
 */
function llama3Scaling(gguf: GgufFile, divisors: Float32Array, theta: number, headSize: number): object {
  const rule = {
    rope_type: 'llama3' as const,
    factor: Math.max(...divisors),
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };
  const expected = llama3Factors(rule, theta, headSize);
  const agrees = expected.every((f, i) => Math.abs(f - divisors[i]!) <= 1e-3 * f);
  if (!agrees) throw unsupported(gguf, 'rope_freqs.weight that are not Llama 3’s');
  return rule;
}

const unsupported = (gguf: GgufFile, found: string) =>
  new TemperError('MODEL_UNSUPPORTED', {
    path: gguf.file,
    message: 'a rotary scaling that is not supported',
    found,
    allowed: 'none, linear, llama3, yarn',
  });
