import { readFileSync } from 'node:fs';
import { TemperError } from '@temper/contracts';
import { openModel } from '@temper/models';
import { goldenFolder, largestDifference, logitsOf, readGolden } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { buildTrainable, exportMerged, mergeRefusal } from './index.js';
import { methodSchema, type MethodSpec } from './schema/index.js';

/** Made by goldens/make_bottleneck.py: modules put into PyTorch's model by hand. */
const goldens = JSON.parse(
  readFileSync(new URL('./goldens/bottleneck.json', import.meta.url), 'utf8'),
) as Record<string, { shapes: Record<string, number[]>; logits: number[][] }>;

/** The numbers of make_bottleneck.py. */
function valueOf(name: string, shape: readonly number[]): Float32Array {
  const start = Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % 97;
  const count = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: count }, (_, i) => 0.1 * Math.sin(0.7 * i + start));
}

const built = async (base: string, method: MethodSpec) =>
  buildTrainable(await openModel(goldenFolder(base)), method, {
    task: base.startsWith('bert') ? 'sequence-classification' : 'causal-lm',
    seed: 0,
  });

describe('bottleneck adapters', () => {
  it.each(Object.keys(goldens))('%s: the logits are those of modules put in by hand', async (id) => {
    const [base, style, nonLinearity] = id.split(' ') as [string, 'houlsby', 'relu'];
    const golden = goldens[id]!;
    const method = methodSchema.parse({ type: 'adapter', style, nonLinearity, reductionFactor: 4 });
    const { graph, trainable } = await built(base, method);
    const own = trainable.filter(({ name }) => name.startsWith('adapters.'));
    expect(Object.fromEntries(own.map(({ name, shape }) => [name, shape]))).toEqual(golden.shapes);
    const initializers = new Map(graph.initializers);
    for (const { name, shape } of own)
      initializers.set(name, {
        ...initializers.get(name)!,
        data: { kind: 'inline', data: valueOf(name, shape) },
      });
    const logits = logitsOf(
      { ...graph, initializers },
      goldenFolder(base),
      readGolden(`${base}/golden.json`),
    );
    expect(largestDifference(logits, golden.logits)).toBeLessThan(2e-5);
  });

  it('start as the base model, and say why they cannot be merged', async () => {
    const method = methodSchema.parse({ type: 'adapter' });
    const { graph } = await built('llama-tiny', method);
    const golden = readGolden('llama-tiny/golden.json');
    expect(
      largestDifference(logitsOf(graph, goldenFolder('llama-tiny'), golden), golden.logits),
    ).toBeLessThan(2e-5);
    expect(mergeRefusal(method)).toMatch(/non-linearity/);
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
