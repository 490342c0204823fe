import { open } from 'node:fs/promises';
import type { Family, HfConfig } from './architectures/family.js';
import { readExactly } from './formats/safetensors-header.js';
import type { Weight } from './model.js';

interface Tied {
  readonly config: HfConfig;
  readonly weights: Map<string, Weight>;
}

/**
 * `tie_word_embeddings` against what is stored, as transformers 5 does it (modeling_utils.py, tie_weights): where both the
 * table and the head are there and differ, they are two; where only the head is there, it is the table too.
 * The configuration says afterwards what holds.
 */
export async function tied(
  family: Family,
  config: HfConfig,
  weights: Map<string, Weight>,
  same: Same = sameBytes,
): Promise<Tied> {
  if (!family.tied || !saysTied(family, config)) return { config, weights };
  const table = weights.get(family.tied.table);
  const head = weights.get(family.tied.head);
  if (
    table &&
    head &&
    !(table.dtype === head.dtype && table.length === head.length && (await same(table, head)))
  )
    return { config: { ...config, tie_word_embeddings: false }, weights };
  const { own, decoder } = family.tied.bias ?? { own: '', decoder: '' };
  const bias = weights.has(own) ? undefined : weights.get(decoder);
  const named = new Map(weights);
  if (!table && head) named.set(family.tied.table, head);
  if (bias) named.set(own, bias);
  return { config, weights: named };
}

function saysTied(family: Family, config: HfConfig): boolean {
  const field = family.fields[config.model_type]?.tie_word_embeddings;
  const absent = field?.use === 'read' ? field.absent : false;
  return (config.tie_word_embeddings ?? absent) === true;
}

const BLOCK = 1 << 22;

/** Whether two weights of one type and length have the same values. */
export type Same = (a: Weight, b: Weight) => Promise<boolean>;

/** Byte for byte, up to the first difference. */
export async function sameBytes(a: Weight, b: Weight): Promise<boolean> {
  const first = await open(a.file, 'r');
  const second = await open(b.file, 'r');
  try {
    for (let at = 0; at < a.length; at += BLOCK) {
      const count = Math.min(BLOCK, a.length - at);
      const [x, y] = await Promise.all([
        readExactly(first, a.offset + at, count),
        readExactly(second, b.offset + at, count),
      ]);
      if (!x.equals(y)) return false;
    }
    return true;
  } finally {
    await first.close();
    await second.close();
  }
}
