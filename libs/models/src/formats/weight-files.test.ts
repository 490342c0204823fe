import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from './safetensors.js';
import { readWeightLocations } from './weight-files.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shards-'));
});
afterEach(() => rm(folder, { recursive: true }));

const one = (value: number) => ({ dtype: 'F32', shape: [1], data: Float32Array.of(value) }) as const;
const writeIndex = (weight_map: unknown) =>
  writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));

describe('the weights of a folder', () => {
  it('are found in their shards', async () => {
    await writeSafetensors(join(folder, 'model-1.safetensors'), { a: one(1) });
    await writeSafetensors(join(folder, 'model-2.safetensors'), { b: one(2), c: one(3) });
    await writeIndex({ a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-2.safetensors' });
    const found = await readWeightLocations(folder);
    expect([...found.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(found.get('c')!.file).toBe(join(folder, 'model-2.safetensors'));
    expect(found.get('c')!.offset).toBe(found.get('b')!.offset + 4);
  });

  it('are refused where a shard or a tensor is missing, by name', async () => {
    await writeSafetensors(join(folder, 'model-1.safetensors'), { a: one(1) });
    await writeIndex({ a: 'model-1.safetensors', b: 'model-2.safetensors' });
    await expect(readWeightLocations(folder)).rejects.toThrow(/model-2\.safetensors: a shard .* missing/);
    await writeIndex({ a: 'model-1.safetensors', b: 'model-1.safetensors' });
    await expect(readWeightLocations(folder)).rejects.toThrow(/model-1\.safetensors: b: missing/);
  });

  it('never lie outside the folder', async () => {
    await writeIndex({ a: '../other/model.safetensors' });
    await expect(readWeightLocations(folder)).rejects.toThrow(
      /a is not in a safetensors file of the same folder/,
    );
  });

  it('are refused in other formats, with what to do', async () => {
    await writeFile(join(folder, 'pytorch_model.bin'), '');
    await expect(readWeightLocations(folder)).rejects.toMatchObject({
      code: 'MODEL_UNSUPPORTED',
      problems: [
        { found: 'pytorch_model.bin', hint: expect.stringContaining('safe_serialization') as string },
      ],
    });
  });
});
