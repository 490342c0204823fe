import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkModel, openModel, readSafetensors, writeSafetensors, type Tensor } from '@temper/models';
import { goldenFolder, largestDifference, logitsOf, readGolden } from '@temper/models/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildTrainable, checkAdapter, exportTrained, settledBy } from './index.js';
import { readMethodSpec } from './schema/index.js';

const base = goldenFolder('llama-tiny');
/** Made by goldens/make_peft.py, with PEFT's key 7. */
const saved = fileURLToPath(new URL('./goldens/peft/vera', import.meta.url));
const [A, B] = ['base_model.vera_A', 'base_model.vera_B'] as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-vera-'));
});
afterEach(() => rm(folder, { recursive: true }));

const built = async (settings: object = {}, seed = 0) =>
  buildTrainable(await openModel(base), readMethodSpec({ type: 'vera', r: 4, ...settings }), {
    task: 'causal-lm',
    seed,
  });

const inGraph = ({ graph }: Awaited<ReturnType<typeof built>>, name: string) => {
  const { data, value } = graph.initializers.get(name)!;
  return { shape: value.shape, values: [...(data as { data: Float32Array }).data] };
};

/** The adapter that is published after a training of no steps, which began from the graph's first values or from an adapter. */
async function published(settings: object, initFrom?: string): Promise<ReadonlyMap<string, Tensor>> {
  const method = readMethodSpec({ type: 'vera', ...settings, ...(initFrom ? { initFrom } : {}) });
  const model = await openModel(base);
  const start = { task: 'causal-lm', seed: 0, initFrom } as const;
  const { graph, trainable, initial } = buildTrainable(model, method, start);
  const weights = trainable.map(({ name, shape }) => {
    const inline = graph.initializers.get(name)!.data as { data: Float32Array };
    return [name, { shape, data: initial.get(name) ?? inline.data }] as const;
  });
  await exportTrained(folder, {
    ...{ model, task: 'causal-lm', labelNames: [], initFrom, weights: new Map(weights) },
    method: settledBy(method, initFrom),
  });
  return readSafetensors(join(folder, 'adapter_model.safetensors'));
}

describe('VeRA', () => {
  it('starts as the base model, trains two vectors a module, and shares two matrices that only their key decides on', async () => {
    const applied = await built({ targetModules: ['q_proj', 'down_proj'] });
    expect(applied.trainable.map(({ name }) => name.split('.').at(-1)).sort()).toEqual(
      [0, 1, 2, 3].flatMap(() => ['vera_lambda_b', 'vera_lambda_d']).sort(),
    );
    const golden = readGolden('llama-tiny/golden.json');
    expect(largestDifference(logitsOf(applied.graph, base, golden), golden.logits)).toBeLessThan(2e-5);
    const [a, b] = [inGraph(applied, A), inGraph(applied, B)];
    // The widest input is the MLP's.
    const [width, inner] = [16, 24];
    expect([a.shape, b.shape]).toEqual([
      [4, inner],
      [width, 4],
    ]);
    const bound = Math.sqrt(6 / inner);
    expect(Math.max(...a.values.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...a.values.map(Math.abs))).toBeGreaterThan(0.9 * bound);
    const targetModules = ['q_proj', 'down_proj'];
    expect(inGraph(await built({ targetModules }, 5), A)).toEqual(a);
    expect(inGraph(await built({ targetModules, projectionPrngKey: 1 }), A)).not.toEqual(a);
  });

  it('publishes its matrices with the vectors', async () => {
    const tensors = await published({ r: 4, targetModules: ['q_proj', 'down_proj'] });
    const own = await built({ targetModules: ['q_proj', 'down_proj'] });
    for (const name of [A, B]) {
      expect(tensors.get(name)).toMatchObject({ shape: inGraph(own, name).shape });
      expect([...(tensors.get(name)!.data as Float32Array)]).toEqual(inGraph(own, name).values);
    }
    const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ peft_type: 'VERA', save_projection: true, projection_prng_key: 0 });
  });

  it('goes on with the matrices of the adapter that it starts from, and publishes those', async () => {
    const expected = await readSafetensors(join(saved, 'adapter_model.safetensors'));
    const tensors = await published({}, saved);
    expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected) expect(tensors.get(name)!.data, name).toEqual(data);
  });

  it.each([
    [
      { save_projection: false },
      /uses save_projection.*; found false; allowed: true; .*save_projection=True/,
    ],
    [{ bias: 'all' }, /uses bias, which is not supported/],
  ])('refuses an adapter of PEFT with %o', async (changes, says) => {
    await cp(saved, folder, { recursive: true });
    const file = join(folder, 'adapter_config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...config, ...changes }));
    const model = await checkModel(base, 'causal-lm');
    const method = readMethodSpec({ type: 'vera', initFrom: folder });
    expect(() => checkAdapter(folder, method, model)).toThrow(says);
  });

  it.each([
    ['too narrow', [5, 20]],
    ['of another rank', [6, 24]],
  ])('refuses a matrix that is %s', async (_, shape) => {
    await cp(saved, folder, { recursive: true });
    const file = join(folder, 'adapter_model.safetensors');
    const tensors = new Map(await readSafetensors(file));
    tensors.set(A, { dtype: 'F32', shape, data: new Float32Array(shape[0]! * shape[1]!) });
    await writeSafetensors(file, tensors);
    const model = await checkModel(base, 'causal-lm');
    const method = readMethodSpec({ type: 'vera', initFrom: folder });
    expect(() => checkAdapter(folder, method, model)).toThrow(/vera_A: has another shape/);
    const start = { task: 'causal-lm', seed: 0, initFrom: folder } as const;
    const opened = await openModel(base);
    expect(() => buildTrainable(opened, method, start)).toThrow(/vera_A: has another shape/);
  });
});
