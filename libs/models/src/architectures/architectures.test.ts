import { describe, expect, it } from 'vitest';
import { buildForward } from '../forward.js';
import { openModel } from '../model.js';
import type { Family } from './family.js';
import { families } from './registry.js';
import { goldenFolder, largestDifference, logitsOf, readGolden } from '../testing.js';

/** transformers computes the goldens in float32, so its own rounding is what remains. */
const tolerance = 2e-5;

it.each(Object.entries(families))(
  '%s has every head that it has a class of transformers for',
  (_name, family: Family) => {
    const promised = Object.values(family.classes).flatMap((classes) => Object.keys(classes));
    expect(Object.keys(family.heads)).toEqual(expect.arrayContaining([...new Set(promised)]));
  },
);

describe('the forward graphs', () => {
  it.each([
    ['bert-tiny', 'sequence-classification', 'a classification head in the files'],
    ['llama-tiny', 'causal-lm', 'shared key heads, tied embeddings'],
    [
      'llama3-tiny',
      'causal-lm',
      'one key head a query head, biases, wide heads, Llama 3 rotary scaling, own head',
    ],
    ['mistral-tiny', 'causal-lm', 'a sliding window'],
    ['llama-two-heads', 'causal-lm', 'a head that is said to be tied, and is another'],
  ] as const)('%s has transformers’ logits (%s: %s)', async (name, task, _what) => {
    const golden = readGolden(`${name}/golden.json`);
    const model = await openModel(goldenFolder(name));
    const { graph, initialized } = buildForward(model, { task, seed: 0 });
    expect(initialized).toEqual([]);
    expect(largestDifference(logitsOf(graph, model.folder, golden), golden.logits)).toBeLessThan(tolerance);
  });

  it('a padded batch gives what each of its rows gives alone', async () => {
    const golden = readGolden('llama-tiny/golden.json');
    const model = await openModel(goldenFolder('llama-tiny'));
    const { graph } = buildForward(model, { task: 'causal-lm', seed: 0 });
    const short = {
      ...golden,
      input_ids: [golden.input_ids[1]!.slice(0, 4)],
      attention_mask: [[1, 1, 1, 1]],
    };
    const alone = logitsOf(graph, model.folder, short);
    expect(largestDifference(alone, golden.logits.slice(-4))).toBeLessThan(tolerance);
  });

  it('the longest sequence decides how long the rotary tables are', async () => {
    const model = await openModel(goldenFolder('llama-tiny'));
    const rows = (maxLength?: number) =>
      buildForward(model, { task: 'causal-lm', seed: 0, maxLength }).graph.initializers.get('rotary.cos')!
        .value.shape[0];
    expect(rows()).toBe(64);
    expect(rows(16)).toBe(16);
  });
});

describe('a head that the files lack', () => {
  const head = ['bert.pooler.dense.weight', 'bert.pooler.dense.bias', 'classifier.weight', 'classifier.bias'];

  it('is made from the seed: normal(0, 0.02), biases zero', async () => {
    const model = await openModel(goldenFolder('bert-bare'));
    const build = (seed: number) => {
      const { graph, initialized } = buildForward(model, {
        task: 'sequence-classification',
        labels: 5,
        seed,
      });
      expect(initialized).toEqual(head);
      return head.map((name) => {
        const { data, value } = graph.initializers.get(name)!;
        expect(data.kind).toBe('inline');
        return { shape: value.shape, values: data.kind === 'inline' ? [...(data.data as Float32Array)] : [] };
      });
    };
    const [pooler, poolerBias, classifier, classifierBias] = build(1);
    expect(classifier!.shape).toEqual([5, 16]);
    expect([...poolerBias!.values, ...classifierBias!.values].every((x) => x === 0)).toBe(true);
    const deviation = Math.sqrt(pooler!.values.reduce((sum, x) => sum + x * x, 0) / 256);
    expect(deviation).toBeGreaterThan(0.017);
    expect(deviation).toBeLessThan(0.023);
    expect(build(1)[2]!.values).toEqual(classifier!.values);
    expect(build(2)[2]!.values).not.toEqual(classifier!.values);
  });

  it('is made anew for another number of classes, and says so', async () => {
    const model = await openModel(goldenFolder('bert-tiny'));
    const forward = buildForward(model, { task: 'sequence-classification', labels: 4, seed: 0 });
    expect(forward.initialized).toEqual(['classifier.weight', 'classifier.bias']);
    expect(forward.graph.outputs[0]!.shape).toEqual(['batch', 4]);
  });
});
