import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStep } from '@temper/contracts';
import { NF4_BLOCK, NF4_VALUES, quantizeNf4 } from '@temper/graph/quantization/nf4';
import { readSafetensors, writeSafetensors } from '@temper/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

const training = { epochs: 2, seed: 3, evalStrategy: 'no', maxGradNorm: 1 } as const;
const targetModules = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
const settings = tinyLanguageModel(training);

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'temper-qlora-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** The same model with the values in its linear weights that NF4 leaves of them. */
async function dequantized(folder: string): Promise<string> {
  const target = join(scratch, 'dequantized');
  await cp(folder, target, { recursive: true });
  const file = join(target, 'model.safetensors');
  const tensors = await readSafetensors(file);
  for (const [name, { data }] of tensors) {
    if (!/_proj\.weight$/.test(name)) continue;
    const values = data as Float32Array;
    const { codes, absmax } = quantizeNf4(values);
    for (let i = 0; i < values.length; i++) {
      const code = i % 2 ? codes[i >> 1]! & 15 : codes[i >> 1]! >> 4;
      values[i] = NF4_VALUES[code]! * absmax[Math.floor(i / NF4_BLOCK)]!;
    }
  }
  await writeSafetensors(file, tensors);
  return target;
}

async function losses(changed: Partial<TinySettings>): Promise<number[]> {
  await using run = await TinyRun.start({ ...settings, ...changed });
  await run.train();
  return (await run.lines()).filter(isStep).map(({ loss }) => loss);
}

it('trains as LoRA does on the weights that NF4 leaves', async () => {
  const modelFolder = await dequantized(settings.modelFolder);
  const lora = { r: 4, targetModules };
  const expected = await losses({ modelFolder, method: { type: 'lora', ...lora } });
  const found = await losses({ method: { type: 'qlora', ...lora } });
  expect(found).toHaveLength(expected.length);
  found.forEach((loss, i) => expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-5));
  const plain = await losses({ method: { type: 'lora', ...lora } });
  expect(Math.abs(found[0]! / plain[0]! - 1)).toBeGreaterThan(1e-4);
  const double = await losses({ method: { type: 'qlora', ...lora, doubleQuantization: true } });
  double.forEach((loss, i) => expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(1e-2));
  expect(double).not.toEqual(found);
});
