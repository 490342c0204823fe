import { TemperError } from '@temper/contracts';
import { adaptable, openModel } from '@temper/models';
import { goldenFolder, largestDifference, logitsOf, readGolden } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { buildTrainable, exportMerged, isPeftAdapter, mergeRefusal } from './index.js';
import { methodSchema, type MethodSpec } from './schema/index.js';
import { adapterFormatOf } from './table.js';

const built = async (base: string, method: MethodSpec) =>
  buildTrainable(await openModel(goldenFolder(base)), method, {
    task: /^(bert|encoders)/.test(base) ? 'sequence-classification' : 'causal-lm',
    seed: 0,
  });

describe('bottleneck adapters', () => {
  it.each([
    ['houlsby', 1.6, 9, 2],
    ['pfeiffer', 4, 4, 1],
    ['pfeiffer', 100, 1, 1],
  ] as const)('%s: 16 // %s rows lie between the products', async (style, reductionFactor, inner, parts) => {
    const method = methodSchema.parse({ type: 'adapter', style, reductionFactor });
    const { trainable } = await built('llama-tiny', method);
    const downs = trainable.filter(({ name }) => name.endsWith('.down.weight'));
    expect(downs.map(({ shape }) => shape)).toEqual(Array(2 * parts).fill([inner, 16]));
  });

  it.each(['electra', 'deberta-v2', 'albert'])(
    'of a %s, whose tables are narrower than its layers, are as wide as the layers',
    async (name) => {
      const method = methodSchema.parse({ type: 'adapter' });
      const base = `encoders/${name}`;
      const { trainable } = await built(base, method);
      const made = trainable.filter((weight) => weight.name.startsWith('adapters.'));
      const model = adaptable(await openModel(goldenFolder(base)), { task: 'embedding', labels: 0 });
      const said = adapterFormatOf(method)!.shapes(method, model, undefined as never);
      expect(made.map(({ name, shape }) => [name, [...shape]]).sort()).toEqual([...said].sort());
    },
  );

  it('and a projection of prefixes are as wide as PEFT makes them by the width of the layers', () => {
    const sizes = { hidden_size: 16, word_embed_proj_dim: 8, num_attention_heads: 4, num_hidden_layers: 2 };
    const config = { model_type: 'opt', vocab_size: 64, ffn_dim: 24, ...sizes };
    const model = adaptable({ config, folder: 'opt' }, { task: 'causal-lm', labels: 0 });
    const method = methodSchema.parse({ type: 'prefix-tuning', projection: true, numVirtualTokens: 3 });
    const shapes = adapterFormatOf(method)!.shapes(method, model, undefined as never);
    expect([...shapes.values()]).toContainEqual([16, 16]);
  });

  it('start as the base model, and say why they cannot be merged', async () => {
    const method = methodSchema.parse({ type: 'adapter' });
    const { graph } = await built('llama-tiny', method);
    const golden = readGolden('llama-tiny/golden.json');
    expect(
      largestDifference(logitsOf(graph, goldenFolder('llama-tiny'), golden), golden.logits),
    ).toBeLessThan(2e-5);
    expect(mergeRefusal(method)).toMatch(/non-linearity/);
    expect(isPeftAdapter(method)).toBe(false);
    expect(isPeftAdapter(methodSchema.parse({ type: 'lora' }))).toBe(true);
    expect(isPeftAdapter(methodSchema.parse({ type: 'full' }))).toBe(false);
    const model = await openModel(goldenFolder('llama-tiny'));
    const merged = exportMerged('nowhere', {
      model,
      task: 'causal-lm',
      labelNames: [],
      method,
      weights: new Map(),
    });
    await expect(merged).rejects.toThrow(TemperError);
  });
});

describe('full fine-tuning of a part', () => {
  const scales = async (method: MethodSpec) =>
    new Map((await built('llama-tiny', method)).trainable.map((t) => [t.name, t.learningRateScale]));

  it('leaves out what the spec freezes', async () => {
    const names = [...(await scales({ type: 'full', freeze: ['embed_tokens', 'layers\\.0\\.'] })).keys()];
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => /embed_tokens|layers\.0\./.test(name))).toEqual([]);
    expect(names).toContain('model.layers.1.mlp.up_proj.weight');
  });

  it('has a smaller learning rate in each layer further down', async () => {
    const found = await scales({ type: 'full', layerDecay: 0.5 });
    expect(found.get('model.norm.weight')).toBe(1);
    expect(found.get('model.layers.1.mlp.up_proj.weight')).toBe(0.5);
    expect(found.get('model.layers.0.mlp.up_proj.weight')).toBe(0.25);
    expect(found.get('model.embed_tokens.weight')).toBe(0.125);
  });
});
