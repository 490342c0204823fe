import { activations } from '../build/activations.js';
import { ggufPhi3 } from '../formats/gguf/phi3.js';
import { ConfigReader } from './config-reader.js';
import type { Family, HfConfig } from './family.js';
import { none, read, type Fields } from './fields.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' Phi3Config (configuration_phi3.py), of Phi-3, Phi-3.5 and Phi-4. */
const phi3Fields: Fields = {
  ...rotaryFields,
  vocab_size: read(32064),
  hidden_size: read(3072),
  intermediate_size: read(8192),
  resid_pdrop: read(0),
  // transformers' class does not read it.
  embd_pdrop: none,
  max_position_embeddings: read(4096),
  original_max_position_embeddings: read(4096),
  rms_norm_eps: read(1e-5),
  // Null: every token before is seen.
  sliding_window: read(null),
  partial_rotary_factor: read(1),
  pad_token_id: read(32000),
};

const fields = { phi3: phi3Fields };

/** Phi-3: one module makes queries, keys and values, another both halves of the mlp. */
export const phi3: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { phi3: decoderClasses('Phi3') },
  fields,
  // PEFT has none for it: the module that holds those of a Llama.
  defaultTargets: {
    updated: ['qkv_proj'],
    scaled: ['qkv_proj', 'down_proj'],
    feedforward: ['down_proj'],
  },
  gguf: { phi3: ggufPhi3 },
  settings(config) {
    const read = new ConfigReader(withTodaysNames(config), phi3Fields);
    const activation = read.choice('hidden_act', activations);
    const sizes = readSizes(read);
    const partial = read.positiveNumber('partial_rotary_factor');
    const rope = readRope(read, { ...sizes, partial });
    const { scaling } = rope;
    if (scaling && scaling.rope_type !== 'longrope')
      read.report(
        'rope_scaling',
        'is a rotary scaling that a Phi-3 cannot have',
        scaling.rope_type,
        'longrope',
      );
    const window = read.isNull('sliding_window') ? undefined : read.positiveInteger('sliding_window');
    const sight = { rope, window };
    return read.result({
      ...sizes,
      activation,
      sight: () => sight,
      ...{ qkvBias: false, outputBias: false, mlpBias: false, fused: true },
      residualDropout: read.rate('resid_pdrop'),
    });
  },
};

/** What Phi-3's first files call `su` or `yarn` is LongRoPE (Phi3Config.convert_rope_params_to_dict). */
function withTodaysNames(config: HfConfig): HfConfig {
  const renamed = ['rope_scaling', 'rope_parameters'].flatMap((name) => {
    const found = config[name];
    if (typeof found !== 'object' || found === null) return [];
    const { rope_type: type = (found as { type?: unknown }).type } = found as { rope_type?: unknown };
    return type === 'su' || type === 'yarn' ? [[name, { ...found, rope_type: 'longrope' }]] : [];
  });
  return { ...config, ...(Object.fromEntries(renamed) as object) };
}
