import { checkModel, prepareModel, tokenizerFolder } from '@temper/models';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged, edges, numberOf } from '../bytes.js';
import type { Parser } from '../parser.js';
import type { Random } from '../random.js';
import { words } from '../words.js';
import { modelFile } from './goldens.js';

const golden = modelFile('llama-tiny.gguf');

type Value = { readonly type: number; readonly bytes: Buffer };

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
};
const text = (value: string, random: Random) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([random.chance(0.98) ? u64(BigInt(bytes.length)) : numberOf(random, 8), bytes]);
};

/** Types of the format: 0–5 small numbers, 6 float, 7 boolean, 8 text, 9 list, 10–12 of 8 bytes. */
function value(random: Random, depth = 0): Value {
  const type = random.chance(0.02) ? random.below(300) : random.below(13);
  if (type <= 1 || type === 7) return { type, bytes: Buffer.from([random.below(256)]) };
  if (type <= 3) return { type, bytes: numberOf(random, 4).subarray(0, 2) };
  if (type <= 6) return { type, bytes: numberOf(random, 4) };
  if (type === 8) return { type, bytes: text(random.pick(words), random) };
  if (type !== 9) return { type, bytes: numberOf(random, 8) };
  const items = Array.from({ length: random.below(6) }, () => value(random, depth + 1));
  const of = items[0]?.type ?? random.below(13);
  const count = random.chance(0.9) ? BigInt(items.length) : random.pick(edges);
  return { type, bytes: Buffer.concat([u32(of), u64(count), ...items.map(({ bytes }) => bytes)]) };
}

const known = [
  'general.architecture',
  'general.alignment',
  ...['block_count', 'context_length', 'embedding_length', 'feed_forward_length', 'vocab_size'].map(
    (key) => `llama.${key}`,
  ),
  ...['attention.head_count', 'attention.head_count_kv', 'attention.layer_norm_rms_epsilon'].map(
    (key) => `llama.${key}`,
  ),
  ...['rope.freq_base', 'rope.dimension_count', 'rope.scaling.type'].map((key) => `llama.${key}`),
  ...['model', 'pre', 'tokens', 'merges', 'token_type', 'scores', 'bos_token_id', 'add_bos_token'].map(
    (key) => `tokenizer.ggml.${key}`,
  ),
  'tokenizer.chat_template',
];

/** Header, keys and tensors by the format's rules, with any values. */
function made(random: Random): Buffer {
  const keys = Array.from({ length: random.below(24) }, () =>
    random.chance(0.9) ? random.pick(known) : random.pick(words),
  );
  const metadata = keys.map((key) => {
    const plain: Value =
      key === 'general.architecture' ? { type: 8, bytes: text('llama', random) } : value(random);
    return Buffer.concat([text(key, random), u32(plain.type), plain.bytes]);
  });
  const tensors = Array.from({ length: random.below(6) }, (_, i) => {
    const dims = random.many(5, () => (random.chance(0.8) ? BigInt(random.below(64)) : random.pick(edges)));
    const name = random.pick([
      `blk.${i}.attn_q.weight`,
      'token_embd.weight',
      'output_norm.weight',
      random.pick(words),
    ]);
    return Buffer.concat([
      text(name, random),
      u32(dims.length),
      ...dims.map(u64),
      u32(random.below(40)),
      random.chance(0.8) ? u64(BigInt(32 * random.below(100))) : numberOf(random, 8),
    ]);
  });
  const count = (length: number) => (random.chance(0.95) ? u64(BigInt(length)) : numberOf(random, 8));
  return Buffer.concat([
    Buffer.from('GGUF'),
    u32(random.chance(0.95) ? 3 : random.below(256)),
    count(tensors.length),
    count(metadata.length),
    ...metadata,
    ...tensors,
    Buffer.alloc(random.below(4_000)),
  ]);
}

export const gguf: Parser = {
  name: 'gguf',
  inputs: 20_000,
  make: (random) => ({
    converted: random.chance(0.1),
    files: { 'model.gguf': random.chance(0.5) ? damaged(golden, random) : made(random) },
  }),
  read: async ({ converted }, folder) => {
    const file = join(folder, 'model.gguf');
    await checkModel(file, 'causal-lm');
    await mkdir(join(folder, 'tokenizer'));
    await tokenizerFolder(file, join(folder, 'tokenizer'));
    return converted ? prepareModel(file, join(folder, 'prepared')) : undefined;
  },
};
