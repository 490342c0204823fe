import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type Graph } from '@temper/graph';
import { createSessionFactory } from '@temper/onnxruntime';
import { Optimizer } from '@temper/training/optimizer/optimizer';
import { groupParameters } from '@temper/training/parameter-groups';
import { ParameterStore } from '@temper/training/parameters';
import { expect, it } from 'vitest';

interface Golden {
  readonly maxGradNorm: number | null;
  readonly initial: readonly [number[][], number[]];
  readonly steps: readonly {
    readonly learningRate: number;
    readonly gradients: readonly [number[][], number[]];
    readonly norm: number;
    readonly weight: number[][];
    readonly bias: number[];
  }[];
}

// make_goldens.py of libs/training: decay 0.1 on the weight only, betas 0.9 and 0.98, epsilon 1e-6.
const file = join(import.meta.dirname, '../../../libs/training/goldens/adamw.json');
const goldens = JSON.parse(await readFile(file, 'utf8')) as Golden[];

it.each([
  [goldens[0]!, 1 << 17],
  [goldens[1]!, 1 << 17],
  [goldens[0]!, 4],
])('AdamW steps in place as PyTorch does, clipping %#', async (golden, chunkSize) => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-adamw-'));
  try {
    const store = new ParameterStore(
      groupParameters([
        { name: 'fc.weight', kind: 'kernel', shape: [3, 5] },
        { name: 'fc.bias', kind: 'bias', shape: [5] },
      ]),
    );
    const set = (flat: Float32Array, [weight, bias]: readonly [number[][], number[]], factor: number) => {
      store.view(flat, 'fc.weight').data.set(weight.flat().map((x) => x * factor));
      store.view(flat, 'fc.bias').data.set(bias.map((x) => x * factor));
    };
    const { maxGradNorm } = golden;
    const settings = { adamBeta1: 0.9, adamBeta2: 0.98, adamEpsilon: 1e-6, weightDecay: 0.1 };
    const options = { optimizer: 'adamw', settings, maxGradNorm } as const;
    const load = async (name: string, graph: Graph) => {
      await writeFile(join(folder, `${name}.onnx`), encodeModel(graph));
      return createSessionFactory('cpu').create(join(folder, `${name}.onnx`), { threads: 1 });
    };
    const optimizer = await Optimizer.create(store, options, load, { chunkSize });
    set(store.values, golden.initial, 1);
    // Gradients of a loss sum over 8 counted tokens are 8 times those of the mean.
    const counted = 8;
    for (const [i, step] of golden.steps.entries()) {
      set(store.gradients, step.gradients, counted);
      const gradNorm = optimizer.gradNorm(counted);
      expect(Math.abs(gradNorm - step.norm)).toBeLessThan(1e-6 * step.norm);
      await optimizer.step({ step: i + 1, learningRate: step.learningRate, counted, gradNorm });
      const found = [store.view(store.values, 'fc.weight'), store.view(store.values, 'fc.bias')];
      [step.weight.flat(), step.bias].forEach((expected, k) =>
        expected.forEach((x, j) =>
          expect(Math.abs(found[k]!.data[j]! - x)).toBeLessThan(2e-7 * Math.max(1, Math.abs(x))),
        ),
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
