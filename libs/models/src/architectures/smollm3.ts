import { activations } from '../build/activations.js';
import { ggufSmolLm3 } from '../formats/gguf/smollm3.js';
import { ConfigReader } from './config-reader.js';
import type { Family } from './family.js';
import { read, type Fields } from './fields.js';
import { decoderClasses } from './parts/decoder-heads.js';
import { readLayerKinds } from './parts/layer-kinds.js';
import { readSizes, rotaryFields } from './parts/rotary-config.js';
import { llamaTargets, rotaryDecoder, type RotaryDecoder } from './parts/rotary-decoder.js';
import { longestFor } from './rope.js';
import { readRope } from './rope-config.js';

/** transformers' SmolLM3Config (configuration_smollm3.py). */
const smolLm3Fields: Fields = {
  ...rotaryFields,
  vocab_size: read(128256),
  hidden_size: read(2048),
  num_hidden_layers: read(36),
  num_attention_heads: read(16),
  num_key_value_heads: read(4),
  max_position_embeddings: read(32768),
  rope_theta: read(2000000),
  use_sliding_window: read(false),
  sliding_window: read(null),
  // 1 where a layer rotates, 0 where it does not. Null: not in every no_rope_layer_interval-th.
  no_rope_layers: read(null),
  no_rope_layer_interval: read(4),
  layer_types: read(null),
  attention_bias: read(false),
  mlp_bias: read(false),
  tie_word_embeddings: read(true),
  pad_token_id: read(128004),
};

const fields = { smollm3: smolLm3Fields };

/** SmolLM3: a Llama some of whose layers know no positions. */
export const smollm3: Family<RotaryDecoder> = {
  ...rotaryDecoder,
  classes: { smollm3: decoderClasses('SmolLM3') },
  fields,
  defaultTargets: llamaTargets,
  gguf: { smollm3: ggufSmolLm3 },
  settings(config) {
    const read = new ConfigReader(config, smolLm3Fields);
    const activation = read.choice('hidden_act', activations);
    const sizes = readSizes(read);
    const rope = readRope(read, sizes);
    const bias = read.flag('attention_bias');
    return read.result({
      ...sizes,
      activation,
      positions: longestFor(rope, sizes.positions),
      sight: readSight(read, sizes.layers, rope),
      qkvBias: bias,
      outputBias: bias,
      mlpBias: read.flag('mlp_bias'),
    });
  },
};

/** Which layers rotate, and which see a window: where there is one, those that do not rotate. */
function readSight(
  read: ConfigReader,
  layers: number,
  rope: ReturnType<typeof readRope>,
): RotaryDecoder['sight'] {
  const rotates = readRotating(read, layers);
  const allowed = read.flag('use_sliding_window') && !read.isNull('sliding_window');
  const window = allowed ? read.positiveInteger('sliding_window') : undefined;
  const kindOf = readLayerKinds(read, layers, (layer) =>
    window !== undefined && !rotates(layer) ? 'sliding_attention' : 'full_attention',
  );
  const given = read.value('layer_types');
  if (window === undefined && Array.isArray(given) && given.includes('sliding_attention'))
    read.report('layer_types', 'has windows, which use_sliding_window or sliding_window turn off', given);
  return (layer) => ({
    rope: rotates(layer) ? rope : undefined,
    window: kindOf(layer) === 'sliding_attention' ? window : undefined,
  });
}

function readRotating(read: ConfigReader, layers: number): (layer: number) => boolean {
  const every = read.positiveInteger('no_rope_layer_interval');
  if (read.isNull('no_rope_layers')) return (layer) => (layer + 1) % every !== 0;
  const found = read.value('no_rope_layers');
  const list = Array.isArray(found) ? (found as unknown[]) : [];
  if (list.length < layers || !list.every((value) => value === 0 || value === 1))
    read.report('no_rope_layers', 'must be a list with 1 or 0 for each layer', found, `${layers} numbers`);
  return (layer) => list[layer] === 1;
}
