/** The graphs that a job's headers tell, against those that it stores, of each kind of file that a model comes in. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { numberToBfloat16 } from '@temper/graph';
import { readSafetensors, writeSafetensors, type TensorSource } from '@temper/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storedGraphs } from '../combinations/recording.js';
import type { TokenRow } from '../parity/golden.js';
import { goldenSource } from '../parity/source-folder.js';
import { goldenFile } from '../parity/matrix/golden.js';
import { tinyLanguageModel } from './tiny-data.js';
import { TinyRun, type TinySettings } from './tiny-run.js';

const usual = tinyLanguageModel({ maxSteps: 1, evalStrategy: 'no' });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-headers-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The tiny model with other weight files. */
async function changed(
  name: string,
  change: (tensors: Map<string, TensorSource>) => Map<string, TensorSource>,
): Promise<string> {
  const target = join(folder, name);
  await cp(usual.modelFolder, target, { recursive: true });
  const file = join(target, 'model.safetensors');
  await writeSafetensors(file, change(new Map(await readSafetensors(file))));
  return target;
}

const inHalf = (tensors: Map<string, TensorSource>) =>
  new Map(
    [...tensors].map(([name, { shape, data }]) => {
      const bits = Uint16Array.from(data as Float32Array, numberToBfloat16);
      return [name, { dtype: 'BF16', shape, data: bits } satisfies TensorSource];
    }),
  );

/** `gguf`: the file of the base model in place of the folder. */
async function expectEqual(settings: Partial<TinySettings>, gguf?: string): Promise<void> {
  await using run = await TinyRun.start({ ...usual, ...settings });
  const { artifacts } = run;
  const more = gguf && {
    baseModel: await artifacts.putArtifact(
      'base-model',
      { 'model.gguf': gguf },
      { format: 'gguf', source: basename(gguf) },
    ),
  };
  const told = await run.graphDigests({ ...more });
  const { checkpoint } = await run.train({}, { ...more });
  const { rows } = await run.evaluate(checkpoint, false, { ...more });
  expect(told).toEqual({
    train: await storedGraphs(run, checkpoint),
    evaluate: await storedGraphs(run, rows),
  });
}

it.each<[string, () => Partial<TinySettings> | Promise<Partial<TinySettings>>]>([
  ['float32', () => ({})],
  ['bfloat16, which is widened', async () => ({ modelFolder: await changed('half', inHalf) })],
  ['float32 that is kept in bfloat16', () => ({ precision: 'bf16' })],
  ['float32 that is kept in 4 bits', () => ({ method: { type: 'qlora', r: 4, doubleQuantization: true } })],
  [
    'float32, from an adapter',
    () => ({ method: { type: 'lora', initFrom: goldenSource('tiny-llama-lora') } }),
  ],
])('%s', async (_, settings) => expectEqual(await settings()));

it.each(['llama', 'phi3-long', 'gpt2'])('%s.gguf', async (name) => {
  // Of each vocabulary, and within the positions of each.
  const small = (ids: number | readonly number[]) =>
    (ids as readonly number[]).slice(0, 8).map((id) => (id < 0 ? id : id % 16));
  const few = ({ input_ids: ids, labels }: TokenRow) => ({ input_ids: small(ids), labels: small(labels) });
  const splits = Object.fromEntries(
    Object.entries(usual.splits).map(([split, rows]) => [split, rows.slice(0, 2).map(few)]),
  );
  await expectEqual({ splits }, goldenFile('gguf', `${name}.gguf`));
});

it('says what only values tell', async () => {
  const both = await changed('both', (tensors) =>
    tensors.set('lm_head.weight', tensors.get('model.embed_tokens.weight')!),
  );
  await using two = await TinyRun.start({ ...usual, modelFolder: both });
  expect(await two.graphDigests()).toEqual({
    unknown: 'whether model.embed_tokens.weight and lm_head.weight are one weight',
  });
  const initFrom = goldenSource('tiny-llama-lora');
  await using vera = await TinyRun.start({ ...usual, method: { type: 'vera', initFrom } });
  expect(await vera.graphDigests()).toEqual({
    unknown: expect.stringContaining('are not trained') as string,
  });
});
