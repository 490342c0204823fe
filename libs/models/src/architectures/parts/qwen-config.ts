import { activations } from '../../build/activations.js';
import { ConfigReader } from '../config-reader.js';
import type { HfConfig } from '../family.js';
import { read, type Fields } from '../fields.js';
import { readRope } from '../rope-config.js';
import { readLayerKinds } from './layer-kinds.js';
import { readSizes, rotaryFields } from './rotary-config.js';
import type { RotaryDecoder } from './rotary-decoder.js';

/** Fields of transformers' Qwen2Config (configuration_qwen2.py), most of which Qwen3Config has too. */
export const qwenFields: Fields = {
  ...rotaryFields,
  vocab_size: read(151936),
  intermediate_size: read(22016),
  num_key_value_heads: read(32),
  max_position_embeddings: read(32768),
  // Where use_sliding_window is true, the layers from max_window_layers on see that far; layer_types says it layer by layer.
  use_sliding_window: read(false),
  sliding_window: read(4096),
  max_window_layers: read(28),
  layer_types: read(null),
};

export const readQwen = (config: HfConfig, fields: Fields) => {
  const read = new ConfigReader(config, fields);
  const activation = read.choice('hidden_act', activations);
  const sizes = readSizes(read);
  const rope = readRope(read, sizes);
  const given = read.flag('use_sliding_window') && !read.isNull('sliding_window');
  const window = given ? read.positiveInteger('sliding_window') : undefined;
  const first = read.value('max_window_layers');
  if (given && !(Number.isSafeInteger(first) && (first as number) >= 0))
    read.report('max_window_layers', 'must be a whole number', first, '0 or more');
  const kindOf = readLayerKinds(read, sizes.layers, (layer) =>
    window !== undefined && layer >= (first as number) ? 'sliding_attention' : 'full_attention',
  );
  const sights = { full_attention: { rope }, sliding_attention: { rope, window } };
  const settings: Omit<RotaryDecoder, 'qkvBias' | 'outputBias'> = {
    ...sizes,
    activation,
    sight: (layer) => sights[kindOf(layer)],
    mlpBias: false,
  };
  return { read, settings };
};
