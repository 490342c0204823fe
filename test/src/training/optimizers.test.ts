import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type Graph } from '@temper/graph';
import { optimizerNames, settingsOf, type OptimizerName, type TrainedParameter } from '@temper/optimizers';
import { createSessionFactory } from '@temper/onnxruntime';
import { Optimizer, type OptimizerOptions } from '@temper/training/optimizer/optimizer';
import { ParameterStore } from '@temper/training/parameters';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Golden {
  readonly steps: number;
  readonly parameters: readonly TrainedParameter[];
  readonly cases: readonly {
    readonly optimizer: OptimizerName;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly after: Readonly<
      Record<string, { norm: number; change: number; samples: Readonly<Record<string, readonly number[]>> }>
    >;
  }[];
}

// make_goldens.py of libs/optimizers: torch.optim, transformers, lion-pytorch, bitsandbytes.
const file = join(import.meta.dirname, '../../../libs/optimizers/goldens/optimizers.json');
const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;

/** In [-1, 1): the same as in make_goldens.py. */
function uniform(seed: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let h = (i + Math.imul(seed, 1_000_003)) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    return (h >>> 8) / 2 ** 23 - 1;
  });
}

const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-optimizers-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(name: string, graph: Graph) {
  await writeFile(join(folder, `${name}.onnx`), encodeModel(graph));
  return createSessionFactory('cpu').create(join(folder, `${name}.onnx`), { threads: 1 });
}

describe('optimizers', () => {
  it('are all compared with a reference', () => {
    expect(new Set(golden.cases.map(({ optimizer }) => optimizer))).toEqual(new Set(optimizerNames));
  });

  // The second size cuts flat arrays within parameters and within rows; blocks of 8-bit state stay whole.
  const ways = [{}, { chunkSize: 512 }, { kernels: false }, { chunkSize: 512, kernels: false }];
  it.each(golden.cases.map((found) => [found.optimizer, found] as const))(
    '%s makes the steps of its reference %#, by kernels and by the runtime to the same bit',
    async (_, found) => {
      const stores = [];
      for (const way of ways) stores.push(await steps(found, way));
      for (const { values } of stores) expect(values).toEqual(stores[0]!.values);
    },
  );
});

/** Makes the steps, compares some of them, and returns the parameters at the end. */
async function steps(
  { optimizer: name, settings, weightDecay, learningRate, after }: Golden['cases'][number],
  way: OptimizerOptions,
): Promise<ParameterStore> {
  const store = new ParameterStore(golden.parameters);
  const options = {
    optimizer: name,
    settings: settingsOf(name, { ...settings, weightDecay }),
    maxGradNorm: null,
  };
  const optimizer = await Optimizer.create(store, options, load, way);
  const place = (flat: Float32Array, parameter: string) => store.view(flat, parameter).data;
  golden.parameters.forEach(({ name: parameter }, i) => {
    const values = place(store.values, parameter);
    values.set(uniform(i + 1, values.length));
  });
  for (let step = 0; step < golden.steps; step++) {
    golden.parameters.forEach(({ name: parameter }, i) => {
      const gradient = place(store.gradients, parameter);
      const seed = 100 * (i + 1) + step;
      gradient.set(uniform(seed, gradient.length).map((x) => x * x * x * 10 ** ((seed % 3) - 2)));
    });
    const rate = learningRate * (1 - step / 25);
    await optimizer.step({ step: step + 1, learningRate: rate, counted: 1, gradNorm: 1 });
    for (const { name: parameter } of golden.parameters) {
      const { samples, change } = after[parameter]!;
      const expected = samples[step + 1];
      if (!expected) continue;
      const values = place(store.values, parameter);
      const stride = Math.max(1, Math.floor(values.length / 24));
      const found = expected.map((_, k) => values[k * stride]!);
      const difference = norm(found.map((x, k) => x - expected[k]!));
      const where = `${parameter} after step ${step + 1}`;
      expect(difference / norm(expected), where).toBeLessThan(1e-5);
      // A step's rounding of bfloat16 may differ from processor to processor.
      const ofChange = change * Math.sqrt(expected.length / values.length);
      expect(difference / ofChange, where).toBeLessThan(name === 'muon' ? 5e-3 : 5e-5);
    }
  }
  return store;
}
