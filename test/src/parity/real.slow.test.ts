import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectSteps } from './expect-steps.js';
import { readGolden, readRows, type Golden } from './golden.js';
import { smollm2Folder, writeAdapter, writeClassifier } from './real-models.js';
import { trainingOf, trainRows, trainTo } from './train-rows.js';

/** PyTorch's own fp32 differs from its fp64 by 3.5e-6 (SmolLM2) and 1.1e-7 (MiniLM). */
const TOLERANCE = 1e-4;

describe('20 steps of real models are PyTorch’s, to 1e-4', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temper-real-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('MiniLM, all weights', async () => {
    const golden = readGolden<Golden & { classes: number; headSeed: number; headBound: number }>(
      'minilm-full.json',
    );
    const modelFolder = join(folder, 'minilm');
    const { classes, headSeed: seed, headBound: bound } = golden;
    await writeClassifier(modelFolder, { classes, seed, bound });
    const lines = await trainRows({
      modelFolder,
      rows: readRows('minilm-full.jsonl'),
      task: 'sequence-classification',
      method: { type: 'full' },
      training: trainingOf(golden),
    });
    expectSteps(lines, golden.steps, TOLERANCE);
  });

  it('MiniLM, all weights, twice on long rows: the same bytes', async () => {
    const modelFolder = join(folder, 'minilm-again');
    await writeClassifier(modelFolder, { classes: 3, seed: 1, bound: 0.02 });
    const wordOf = (row: number, at: number) =>
      at === 0 ? 101 : at === 127 ? 102 : 2000 + ((row * at) % 300);
    const rows = Array.from({ length: 48 }, (_, row) => ({
      input_ids: Array.from({ length: 128 }, (_, at) => wordOf(row, at)),
      labels: row % 3,
    }));
    const digests = [0, 1].map(async (time) => {
      const trained = join(folder, `trained-${time}`);
      const training = trainingOf({ batch: 16 });
      const run = { modelFolder, rows, task: 'sequence-classification', method: { type: 'full' } } as const;
      const { weightsFile } = await trainTo(trained, { ...run, training: { ...training, maxSteps: 3 } });
      return createHash('sha256')
        .update(await readFile(weightsFile))
        .digest('hex');
    });
    const [first, second] = await Promise.all(digests);
    expect(second).toBe(first);
  });

  it('SmolLM2-135M from its GGUF file, LoRA on q_proj and v_proj', async () => {
    const { adapter, ...golden } = readGolden<
      Omit<Golden, 'adapter'> & { adapter: { r: number; alpha: number } }
    >('smollm2-lora.json');
    const modelFolder = await smollm2Folder();
    const initFrom = join(folder, 'adapter');
    await writeAdapter(initFrom, modelFolder, adapter);
    const lines = await trainRows({
      modelFolder,
      rows: readRows('smollm2-lora.jsonl'),
      task: 'causal-lm',
      method: { type: 'lora', ...adapter, targetModules: ['q_proj', 'v_proj'], initFrom },
      training: trainingOf(golden),
    });
    expectSteps(lines, golden.steps, TOLERANCE);
  });
});
