import { activations } from '../build/activations.js';
import { ggufLlama } from '../formats/gguf/llama.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { none, only, read, type Fields } from './fields.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { uniformLayerKinds } from './parts/layer-kinds.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { llamaTargets, rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { readRope } from './rope-config.js';

/** transformers' LlamaConfig (configuration_llama.py). */
const llamaFields: Fields = {
  ...rotaryFields,
  // Splits products that are summed again; transformers 5 does not read it.
  pretraining_tp: none,
  attention_bias: read(false),
  mlp_bias: read(false),
  layer_types: only(null, ['full_attention']),
  position_embedding_type: only(null, 'rope', 'rotary'),
};

/** transformers' MistralConfig (configuration_mistral.py): without biases, with a window. */
const mistralFields: Fields = {
  ...llamaFields,
  intermediate_size: read(14336),
  num_key_value_heads: read(8),
  max_position_embeddings: read(131072),
  attention_bias: only(false),
  mlp_bias: only(false),
  // Null: every token before is seen.
  sliding_window: read(4096),
  use_sliding_window: only(true),
  layer_types: only(null, ['sliding_attention']),
};

const fields = { llama: llamaFields, mistral: mistralFields };

/** Llama, SmolLM and Mistral: LlamaForCausalLM. */
export const llama: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { llama: decoderClasses('Llama'), mistral: decoderClasses('Mistral') },
  fields,
  defaultTargets: llamaTargets,
  gguf: { llama: ggufLlama },

  settings(config) {
    const isMistral = config.model_type === 'mistral';
    const read = new ConfigReader(uniformLayerKinds(config), fields[isMistral ? 'mistral' : 'llama']);
    const activation = read.choice('hidden_act', activations);
    const sizes = readSizes(read);
    const rope = readRope(read, sizes);
    const attentionBias = !isMistral && read.flag('attention_bias');
    const window =
      !isMistral || read.isNull('sliding_window') ? undefined : read.positiveInteger('sliding_window');
    return read.result({
      ...sizes,
      activation,
      sight: () => ({ rope, window }),
      qkvBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: !isMistral && read.flag('mlp_bias'),
    });
  },
};
