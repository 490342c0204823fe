import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareModel } from '@temper/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenFile, readCell } from './golden.js';
import { trainCell } from './engine.js';

/** Files of make_gguf.py, and a cell with the same base model. */
const files = [
  ['llama', 'llama/full/causal-lm'],
  ['llama', 'llama/lora/causal-lm'],
] as const;

describe('a model as safetensors and as GGUF trains to the same digest', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-gguf-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(files)('%s.gguf, %s', async (name, id) => {
    const cell = readCell(id);
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
});
