import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type TensorSource } from '@temper/models';
import { derivedUniform } from '../../parity/derived.js';

/** A model whose steps are timed: its weights are derived from their names' places, so that none are kept. */
export interface GateModel {
  readonly id: string;
  readonly task: 'sequence-classification' | 'causal-lm';
  readonly method:
    | { readonly type: 'full' }
    | { readonly type: 'lora'; readonly r: number; readonly targetModules: string[] };
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

const [HIDDEN, INNER, VOCABULARY, POSITIONS, LAYERS] = [256, 1024, 8192, 128, 2];
const layers = (of: (index: number) => Record<string, readonly number[]>) =>
  Object.assign({}, ...Array.from({ length: LAYERS }, (_, i) => of(i))) as Record<string, readonly number[]>;

function linear(name: string, out: number, inner: number): Record<string, readonly number[]> {
  return { [`${name}.weight`]: [out, inner], [`${name}.bias`]: [out] };
}
const norm = (name: string) => ({ [`${name}.weight`]: [HIDDEN], [`${name}.bias`]: [HIDDEN] });

/** As BertForSequenceClassification names them. */
const bertShapes = {
  'bert.embeddings.word_embeddings.weight': [VOCABULARY, HIDDEN],
  'bert.embeddings.position_embeddings.weight': [POSITIONS, HIDDEN],
  'bert.embeddings.token_type_embeddings.weight': [2, HIDDEN],
  ...norm('bert.embeddings.LayerNorm'),
  ...layers((i) => {
    const at = `bert.encoder.layer.${i}`;
    return {
      ...linear(`${at}.attention.self.query`, HIDDEN, HIDDEN),
      ...linear(`${at}.attention.self.key`, HIDDEN, HIDDEN),
      ...linear(`${at}.attention.self.value`, HIDDEN, HIDDEN),
      ...linear(`${at}.attention.output.dense`, HIDDEN, HIDDEN),
      ...norm(`${at}.attention.output.LayerNorm`),
      ...linear(`${at}.intermediate.dense`, INNER, HIDDEN),
      ...linear(`${at}.output.dense`, HIDDEN, INNER),
      ...norm(`${at}.output.LayerNorm`),
    };
  }),
  ...linear('bert.pooler.dense', HIDDEN, HIDDEN),
  ...linear('classifier', 3, HIDDEN),
};

/** As LlamaForCausalLM names them, the head tied. */
const llamaShapes = {
  'model.embed_tokens.weight': [VOCABULARY, HIDDEN],
  ...layers((i) => {
    const at = `model.layers.${i}`;
    return {
      [`${at}.input_layernorm.weight`]: [HIDDEN],
      [`${at}.self_attn.q_proj.weight`]: [HIDDEN, HIDDEN],
      [`${at}.self_attn.k_proj.weight`]: [HIDDEN / 2, HIDDEN],
      [`${at}.self_attn.v_proj.weight`]: [HIDDEN / 2, HIDDEN],
      [`${at}.self_attn.o_proj.weight`]: [HIDDEN, HIDDEN],
      [`${at}.post_attention_layernorm.weight`]: [HIDDEN],
      [`${at}.mlp.gate_proj.weight`]: [INNER, HIDDEN],
      [`${at}.mlp.up_proj.weight`]: [INNER, HIDDEN],
      [`${at}.mlp.down_proj.weight`]: [HIDDEN, INNER],
    };
  }),
  'model.norm.weight': [HIDDEN],
};

const common = {
  hidden_size: HIDDEN,
  intermediate_size: INNER,
  num_hidden_layers: LAYERS,
  num_attention_heads: 4,
  max_position_embeddings: POSITIONS,
  vocab_size: VOCABULARY,
};

export const gateModels: readonly GateModel[] = [
  {
    id: 'bert-full',
    task: 'sequence-classification',
    method: { type: 'full' },
    config: {
      ...common,
      architectures: ['BertForSequenceClassification'],
      model_type: 'bert',
      type_vocab_size: 2,
      hidden_act: 'gelu',
      layer_norm_eps: 1e-12,
      hidden_dropout_prob: 0,
      attention_probs_dropout_prob: 0,
      id2label: { 0: 'a', 1: 'b', 2: 'c' },
      pad_token_id: 0,
    },
    shapes: bertShapes,
  },
  {
    id: 'llama-lora',
    task: 'causal-lm',
    method: { type: 'lora', r: 8, targetModules: ['q_proj', 'v_proj'] },
    config: {
      ...common,
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      num_key_value_heads: 2,
      head_dim: HIDDEN / 4,
      hidden_act: 'silu',
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      tie_word_embeddings: true,
      bos_token_id: 1,
      eos_token_id: 2,
    },
    shapes: llamaShapes,
  },
];

/** Writes config.json and model.safetensors. */
export async function writeGateModel({ config, shapes }: GateModel, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const tensors = Object.entries(shapes).map(([name, shape], seed): [string, TensorSource] => {
    const length = shape.reduce((a, b) => a * b, 1);
    const data =
      /norm/i.test(name) && name.endsWith('weight')
        ? new Float32Array(length).fill(1)
        : derivedUniform(length, seed, 0.05);
    return [name, { dtype: 'F32', shape, data }];
  });
  await writeSafetensors(join(folder, 'model.safetensors'), Object.fromEntries(tensors));
}
