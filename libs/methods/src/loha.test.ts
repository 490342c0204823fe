import { adaptable, openModel } from '@temper/models';
import { goldenFolder, largestDifference, logitsOf, readGolden } from '@temper/models/testing';
import { describe, expect, it } from 'vitest';
import { buildTrainable, checkMethod } from './index.js';
import { readMethodSpec } from './schema/index.js';

describe('LoHa', () => {
  it('starts as the base model: one of its four factors is zero, the others are uniform within 1/√columns', async () => {
    const method = readMethodSpec({ type: 'loha', r: 4, targetModules: ['down_proj'] });
    const model = await openModel(goldenFolder('llama-tiny'));
    const { graph, trainable } = buildTrainable(model, method, { task: 'causal-lm', seed: 3 });
    const largest = trainable.map(({ name }) => {
      const { data } = graph.initializers.get(name)!.data as { data: Float32Array };
      return [name.split('.').at(-1), Math.max(...data.map(Math.abs))] as const;
    });
    expect(largest).toHaveLength(8);
    const bounds: Readonly<Record<string, number>> = {
      ...{ hada_w1_a: 1 / 2, hada_w1_b: 1 / Math.sqrt(24), hada_w2_a: 1 / 2, hada_w2_b: 0 },
    };
    for (const [name, found] of largest) {
      expect(found, name).toBeLessThanOrEqual(bounds[name!]!);
      expect(found, name).toBeGreaterThanOrEqual(0.9 * bounds[name!]!);
    }
    const golden = readGolden('llama-tiny/golden.json');
    const logits = logitsOf(graph, goldenFolder('llama-tiny'), golden);
    expect(largestDifference(logits, golden.logits)).toBeLessThan(2e-5);
  });

  it('is refused where PEFT has none, and for patterns of modules that it does not change', async () => {
    const config = { model_type: 'gpt2', n_embd: 8, n_head: 2, n_layer: 1, n_positions: 16, vocab_size: 11 };
    const gpt2 = adaptable({ config, folder: 'gpt2' }, { task: 'causal-lm', labels: 2 });
    const spec = readMethodSpec({ type: 'loha' });
    expect(() => checkMethod(spec, { adaptable: gpt2 })).toThrow(/PEFT has no LoHa of Conv1D/);
    const llama = adaptable(await openModel(goldenFolder('llama-tiny')), { task: 'causal-lm', labels: 2 });
    const idle = readMethodSpec({ type: 'loha', rankPattern: { k_proj: 2 } });
    expect(() => checkMethod(idle, { adaptable: llama })).toThrow(/method.rankPattern: no module/);
  });
});
