import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { symmetricUniforms, writeSafetensors, type TensorSource } from '@temper/models';

const good = ['good', 'great', 'fine', 'lovely', 'happy', 'bright'];
const bad = ['bad', 'awful', 'poor', 'nasty', 'sad', 'dull'];
const neutral = ['the', 'day', 'was', 'and', 'a', 'film', 'room', 'meal', 'very', 'so', 'it', 'felt'];
const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const vocabulary = [...special, ...good, ...bad, ...neutral];

const config = {
  architectures: ['BertModel'],
  model_type: 'bert',
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 64,
  max_position_embeddings: 48,
  type_vocab_size: 2,
  vocab_size: vocabulary.length,
  hidden_act: 'gelu',
  layer_norm_eps: 1e-12,
  pad_token_id: 0,
};

/** A classification head in a model's files: its classes, and what config.json says of them. */
export interface TinyHead {
  readonly classes?: number;
  readonly names?: readonly string[];
}

/** A BERT of 20,000 random weights that knows thirty words: a whole pipeline over it takes seconds. */
export async function writeTinyBert(folder: string, { classes, names }: TinyHead = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  const named = names ? { id2label: { ...names } } : {};
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...named }));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer()));
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ tokenizer_class: 'BertTokenizer', pad_token: '[PAD]', model_max_length: 48 }),
  );
  await writeSafetensors(join(folder, 'model.safetensors'), weights(classes));
  return folder;
}

function weights(classes?: number): Record<string, TensorSource> {
  const { hidden_size: h, intermediate_size: m } = config;
  const tensors: Record<string, TensorSource> = {};
  let site = 0;
  const random = (name: string, ...shape: number[]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    tensors[name] = { dtype: 'F32', shape, data: symmetricUniforms(length, 0.25, 7, `tiny ${site++}`) };
  };
  const constant = (name: string, value: number, length: number) => {
    tensors[name] = { dtype: 'F32', shape: [length], data: new Float32Array(length).fill(value) };
  };
  const linear = (name: string, out: number, inner: number) => {
    random(`${name}.weight`, out, inner);
    constant(`${name}.bias`, 0, out);
  };
  const norm = (name: string) => {
    constant(`${name}.weight`, 1, h);
    constant(`${name}.bias`, 0, h);
  };
  random('embeddings.word_embeddings.weight', config.vocab_size, h);
  random('embeddings.position_embeddings.weight', config.max_position_embeddings, h);
  random('embeddings.token_type_embeddings.weight', config.type_vocab_size, h);
  norm('embeddings.LayerNorm');
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = `encoder.layer.${i}`;
    for (const part of ['query', 'key', 'value']) linear(`${layer}.attention.self.${part}`, h, h);
    linear(`${layer}.attention.output.dense`, h, h);
    norm(`${layer}.attention.output.LayerNorm`);
    linear(`${layer}.intermediate.dense`, m, h);
    linear(`${layer}.output.dense`, h, m);
    norm(`${layer}.output.LayerNorm`);
  }
  linear('pooler.dense', h, h);
  if (!classes) return tensors;
  const whole = Object.entries(tensors).map(([name, tensor]) => [`bert.${name}`, tensor] as const);
  for (const name of Object.keys(tensors)) delete tensors[name];
  linear('classifier', classes, h);
  return { ...Object.fromEntries(whole), ...tensors };
}

const tokenizer = () => ({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: special.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
  },
});

/** Rows that can be learnt: the class follows from one word. Deterministic, all different. */
export function sentences(rows: number): { text: string; label: string }[] {
  return Array.from({ length: rows }, (_, i) => {
    const positive = i % 2 === 0;
    const pick = (words: readonly string[], stride: number) => words[(i * stride + (i >> 3)) % words.length]!;
    const text = [
      'the',
      pick(neutral, 5),
      'was',
      pick(neutral, 7),
      pick(positive ? good : bad, 1),
      pick(neutral, 11),
      `${i}`.replaceAll(/\d/g, (d) => `${neutral[Number(d)]} `),
    ].join(' ');
    return { text: text.trim(), label: positive ? 'good' : 'bad' };
  });
}

/**
 * Writes the model and so many sentences, and answers the fields of a spec that fine-tunes all of it on them. Most users
 * train for a few steps only, which leaves a model that says the same to everything: no gate.
 */
export async function writeTinyPipeline(folder: string, rows: number) {
  const base = await writeTinyBert(join(folder, 'model'));
  const train = await writeCsv(join(folder, 'train.csv'), sentences(rows));
  return {
    name: 'tiny',
    model: { base },
    dataset: { train },
    tokenize: { maxLength: 32 },
    method: { type: 'full' },
    evaluation: { gate: 'none' },
  } as const;
}

export async function writeCsv(
  file: string,
  rows: readonly { text: string; label: string }[],
): Promise<string> {
  await writeFile(file, ['text,label', ...rows.map((r) => `"${r.text}",${r.label}`)].join('\n') + '\n');
  return file;
}
