import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareModel } from '@temper/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenFile, readCell } from './golden.js';
import { differences } from './compare.js';
import { trainCell } from './engine.js';

/** Files of make_gguf.py, a cell with the same base model, and settings that such files cannot say otherwise. */
const files: readonly (readonly [name: string, id: string, fixed: Readonly<Record<string, unknown>>])[] = [
  ['llama', 'llama/full/causal-lm', {}],
  ['llama', 'llama/lora/causal-lm', {}],
  ['qwen2', 'qwen2/full/causal-lm', {}],
  ['qwen3', 'qwen3/full/causal-lm', {}],
  ['gpt2', 'gpt2/full/causal-lm', {}],
  ['granite', 'granite/full/causal-lm', {}],
  ['olmo2', 'olmo2/full/causal-lm', {}],
  ['cohere', 'cohere/full/causal-lm', {}],
  // Norms come back from w + 1 with other last bits, which w + 1 has not: they are the same where they are not trained.
  ['gemma3_text', 'gemma3_text/lora/causal-lm', { query_pre_attn_scalar: 8 }],
  ['gpt_neox', 'gpt_neox/full/causal-lm', {}],
  ['smollm3-interval', 'smollm3-interval/full/causal-lm', {}],
  ['phi3-partial', 'phi3-partial/full/causal-lm', {}],
];

/** Files whose numbers are not the same bits: a norm's weight plus one, a factor that was computed in float64. */
const rounded = [
  ['gemma2-published', 'gemma2-published/full/causal-lm'],
  ['phi3-long', 'phi3-long/full/causal-lm'],
] as const;

describe('a model as safetensors and as GGUF trains to the same digest', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-gguf-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(files)('%s.gguf, %s', async (name, id, fixed) => {
    const read = readCell(id);
    const cell = { ...read, config: { ...read.config, ...fixed } };
    const place = join(folder, id.replaceAll('/', '-'));
    const fromGguf = await prepareModel(goldenFile('gguf', `${name}.gguf`), join(folder, 'prepared'));
    const digests = [];
    for (const [kind, baseFolder] of [
      ['safetensors', undefined],
      ['gguf', fromGguf],
    ] as const) {
      const trained = await trainCell(cell, join(place, kind), { baseFolder });
      const bytes = await readFile(join(trained.folder, 'trainable.safetensors'));
      digests.push(createHash('sha256').update(bytes).digest('hex'));
    }
    expect(digests[1]).toBe(digests[0]);
  });

  it.each(rounded)('but for rounding: %s.gguf, %s', async (name, id) => {
    const baseFolder = await prepareModel(goldenFile('gguf', `${name}.gguf`), join(folder, 'prepared'));
    const trained = await trainCell(readCell(id), join(folder, id.replaceAll('/', '-')), { baseFolder });
    expect(differences(trained)).toEqual([]);
  });
});
