import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberToBfloat16, numberToHalf } from '@temper/graph';
import { readSafetensors, writeSafetensors } from '@temper/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyClassifier, tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

const training = { epochs: 2, seed: 3, evalStrategy: 'epoch', maxGradNorm: 1 } as const;
const precisions = {
  fp16: { dtype: 'F16', bits: numberToHalf },
  bf16: { dtype: 'BF16', bits: numberToBfloat16 },
} as const;
type Half = keyof typeof precisions;

/** Every method with a frozen base. */
const methods: readonly (readonly [string, TinySettings])[] = [
  ['lora', tinyLanguageModel(training)],
  [
    'lora with DoRA, on tables, with a module that is trained whole',
    {
      ...tinyLanguageModel(training),
      method: {
        ...{ type: 'lora', r: 3, useDora: false, modulesToSave: ['norm'] },
        targetModules: ['q_proj', 'embed_tokens'],
      },
    },
  ],
  [
    'lora with DoRA',
    {
      ...tinyLanguageModel(training),
      method: { type: 'lora', r: 3, useDora: true, targetModules: 'all-linear' },
    },
  ],
  ...(['ia3', 'adapter', 'ln-tuning', 'loha', 'vera', 'prefix-tuning'] as const).map(
    (type) => [type, { ...tinyLanguageModel(training), method: { type } }] as const,
  ),
  [
    'prompt-tuning',
    {
      ...tinyLanguageModel(training),
      method: { type: 'prompt-tuning', init: 'vocabulary', numVirtualTokens: 3 },
    },
  ],
  ['lora of a classifier', { ...tinyClassifier(training), method: { type: 'lora', r: 4 } }],
];

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'temper-half-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** The model in a file of that type. */
async function inFile(folder: string, precision: Half): Promise<string> {
  const target = join(scratch, `${precision}-${folder.split('/').at(-1)}`);
  await cp(folder, target, { recursive: true });
  const file = join(target, 'model.safetensors');
  const { dtype, bits } = precisions[precision];
  const halves = [...(await readSafetensors(file))].map(
    ([name, { shape, data }]) =>
      [name, { dtype, shape, data: Uint16Array.from(data as Float32Array, bits) }] as const,
  );
  await writeSafetensors(file, new Map(halves));
  return target;
}

async function trained(settings: TinySettings) {
  await using run = await TinyRun.start(settings);
  const { checkpoint, validation } = await run.train();
  const digests = await run.digests(checkpoint);
  const { base, test } = await run.evaluate(checkpoint);
  return { digest: digests['trainable.safetensors'], validation, base, test };
}

/** ONNX Runtime merges a bias with the GELU behind it where it knows both lengths, which of a widened product it does not. */
const merged = (name: string) => name.includes('classifier');

describe.each(['bf16', 'fp16'] as const)('a base whose file is %s', (precision) => {
  it.each(methods)('trains to the same bits as with fp32: %s', async (name, settings) => {
    const modelFolder = await inFile(settings.modelFolder, precision);
    const found = await trained({ ...settings, modelFolder, precision });
    const expected = await trained({ ...settings, modelFolder });
    expect(found.digest).toBe(expected.digest);
    if (!merged(name)) return expect(found).toEqual(expected);
    for (const side of ['validation', 'base', 'test'] as const) {
      const away = Number(found[side]!['loss']) / Number(expected[side]!['loss']) - 1;
      expect(Math.abs(away), side).toBeLessThan(1e-6);
    }
  });
});

describe.each(['bf16', 'fp16'] as const)('a base whose file is float32, in %s', (precision) => {
  it('is what its values are in a file of that type, and something else than itself', async () => {
    const settings = tinyLanguageModel(training);
    const found = await trained({ ...settings, precision });
    const modelFolder = await inFile(settings.modelFolder, precision);
    const rounded = await trained({ ...settings, modelFolder });
    expect(found).toEqual(rounded);
    expect(found.digest).not.toBe((await trained(settings)).digest);
  });

  it('goes on after a sudden death with the same bits', async () => {
    const settings = { ...tinyLanguageModel({ ...training, saveSteps: 2 }), precision };
    const whole = await trained(settings);
    await using run = await TinyRun.start(settings);
    for (const runs of [1, 5, 4]) await expect(run.train({ runs })).rejects.toThrow('killed');
    const { checkpoint } = await run.train();
    expect((await run.digests(checkpoint))['trainable.safetensors']).toBe(whole.digest);
  });
});

it('refuses a base with a value beyond the range, and names its tensor', async () => {
  const settings = tinyLanguageModel(training);
  const folder = join(scratch, 'large');
  await cp(settings.modelFolder, folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  const tensors = await readSafetensors(file);
  const name = 'model.layers.1.mlp.down_proj.weight';
  (tensors.get(name)!.data as Float32Array)[5] = 70_000;
  await writeSafetensors(file, tensors);
  await expect(trained({ ...settings, modelFolder: folder, precision: 'fp16' })).rejects.toMatchObject({
    code: 'MODEL_UNSUPPORTED',
    problems: [
      expect.objectContaining({ path: name, found: '70000', hint: 'model.precision: bf16, or fp32' }),
    ],
  });
  await expect(trained({ ...settings, modelFolder: folder, precision: 'bf16' })).resolves.toBeDefined();
});
