import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withValues } from '@temper/graph';
import { checkModel, openModel, readSafetensors, writeSafetensors } from '@temper/models';
import { goldenFolder, largestDifference, logitsOf, type Golden } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { adapterIn, buildStill, settledBy, type Adapter } from '../index.js';
import { methodSchemas, readMethodSpec } from '../schema/index.js';
import { checkAdapter } from './check-adapter.js';

/** Made by goldens/make_peft.py. */
const folder = fileURLToPath(new URL('../goldens/peft', import.meta.url));
const adapters = readdirSync(folder);

const methodOf = (adapter: string) => {
  const initFrom = join(folder, adapter);
  return readMethodSpec({
    type: Object.keys(methodSchemas).find((type) => adapter.startsWith(type))!,
    initFrom,
  });
};

describe('an adapter that PEFT saved, of which the spec says its type alone', () => {
  it.each(adapters)('%s fits its base model, and has PEFT’s logits', async (name) => {
    const place = join(folder, name);
    const golden = JSON.parse(readFileSync(join(place, 'golden.json'), 'utf8')) as Golden & { base: string };
    const base = goldenFolder(golden.base);
    const task = golden.base === 'bert-tiny' ? 'sequence-classification' : 'causal-lm';
    checkAdapter(place, methodOf(name), await checkModel(base, task));
    const { graph, initial } = buildStill(await openModel(base), methodOf(name), {
      ...{ task, seed: 0, initFrom: place },
      ...(task === 'causal-lm' ? {} : { labels: 3 }),
    });
    const logits = logitsOf(withValues(graph, initial), base, golden);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(1e-4);
  });

  it('is read once by who settles and builds: its folder may be gone by then', async () => {
    const place = join(await mkdtemp(join(tmpdir(), 'temper-read-once-')), 'adapter');
    await cp(join(folder, 'lora-patterns'), place, { recursive: true });
    const said = methodOf('lora-patterns');
    const base = await openModel(goldenFolder('llama-tiny'));
    const build = (initFrom: string | Adapter) =>
      buildStill(base, settledBy(said, initFrom), { task: 'causal-lm', seed: 0, initFrom });
    const fromFolder = build(place);
    const adapter = adapterIn(place, said);
    await rm(place, { recursive: true });
    expect(build(adapter).initial).toEqual(fromFolder.initial);
    expect(fromFolder.initial.size).toBeGreaterThan(0);
  });

  it('settles what the spec leaves open', () => {
    const settled = (name: string) => settledBy(methodOf(name), join(folder, name));
    expect(settled('prompt-tuning')).toMatchObject({ numVirtualTokens: 3 });
    expect(settled('prefix-tuning')).toMatchObject({ numVirtualTokens: 2 });
    expect(settled('lora-patterns')).toMatchObject({ r: 2, alpha: 6, rankPattern: { q_proj: 3 } });
    expect(settled('lora-dora')).toMatchObject({ useDora: true });
    expect(settled('lora-rslora')).toMatchObject({ useRslora: true });
  });

  it('brings the base’s own table along, and no other', async () => {
    const place = await mkdtemp(join(tmpdir(), 'table-'));
    await cp(join(folder, 'lora-table'), place, { recursive: true });
    const [base, spec] = [goldenFolder('llama-tiny'), readMethodSpec({ type: 'lora', initFrom: place })];
    const file = join(place, 'adapter_model.safetensors');
    const tensors = await readSafetensors(file);
    const name = 'base_model.model.model.embed_tokens.base_layer.weight';
    const table = tensors.get(name)!;
    const build = async () =>
      buildStill(await openModel(base), spec, { task: 'causal-lm', seed: 0, initFrom: place });
    await expect(build()).resolves.toBeDefined();

    (table.data as Float32Array)[5]! += 1e-3;
    await writeSafetensors(file, tensors);
    await expect(build()).rejects.toThrow(/is saved along with the adapter, and is not the base model’s own/);

    const [rows, size] = table.shape as [number, number];
    const longer = { ...table, shape: [rows + 1, size], data: new Float32Array((rows + 1) * size) };
    await writeSafetensors(file, new Map([...tensors, [name, longer]]));
    const model = await checkModel(base, 'causal-lm');
    expect(() => checkAdapter(place, spec, model)).toThrow(/not the base model’s own.*merge_and_unload/);
    await rm(place, { recursive: true });
  });

  it('is told where the spec says otherwise, and where it is of another base model', async () => {
    const at = (name: string) => join(folder, name);
    const llama = await checkModel(goldenFolder('llama-tiny'), 'causal-lm');
    const more = readMethodSpec({
      type: 'prompt-tuning',
      numVirtualTokens: 5,
      initFrom: at('prompt-tuning'),
    });
    expect(() => checkAdapter(at('prompt-tuning'), more, llama)).toThrow(/method.numVirtualTokens: differs/);
    const bert = await checkModel(goldenFolder('bert-tiny'), 'sequence-classification');
    for (const name of ['lora-regex', 'ia3'])
      expect(() => checkAdapter(at(name), methodOf(name), bert)).toThrow(/base model does not have/);
    expect(() => checkAdapter(at('ia3'), methodOf('lora-regex'), llama)).toThrow(/method.type: differs/);
  });
});
