import { compileGradients, crossEntropyLoss, evaluateGraph } from '@temper/graph';
import { describe, expect, it } from 'vitest';
import { buildForward } from '../forward.js';
import { openModel } from '../model.js';
import {
  batchOf,
  externalFrom,
  goldenFolder,
  largestDifference,
  readGolden,
  type Golden,
} from '../testing.js';
import type { HeadKind } from './family.js';

/** What transformers computes in float64 (goldens/make_encoders.py), for each kind of head. */
interface EncoderGolden extends Golden {
  readonly heads: Readonly<Record<HeadKind, HeadGolden>>;
}
interface HeadGolden {
  readonly logits: number[][];
  readonly labels: number[];
  readonly loss: number;
  /** Of each parameter: Σ g², and Σ gᵢ·sin(i). */
  readonly gradients: Readonly<Record<string, readonly [number, number]>>;
}

const kinds = ['sequence-classification', 'token-classification', 'masked-lm', 'embedding'] as const;
const folders = [
  ['bert', 'tanh’s GELU'],
  ['distilbert', 'no token types'],
  ['distilbert-sinusoidal', 'a decoder of its own'],
  ['roberta', 'a padding token in the middle, one token type'],
  ['xlm-roberta', 'positions from 4, a decoder of its own'],
  ['electra', 'narrow tables'],
  ['electra-square', 'tables as wide as the layers'],
  ['albert', 'layers that share their weights, narrower tables'],
  ['albert-square', 'one layer three times, a decoder of its own'],
  ['mpnet', 'a bias by distance'],
  ['deberta-v3', 'buckets, both terms by the projections of the contents, a table that is normalised'],
  ['deberta-v2', 'no buckets, projections of their own, narrow tables, absolute positions, token types'],
  ['deberta-c2p', 'one term'],
  ['deberta-plain', 'no relative attention'],
  ['modernbert', 'windows in every second layer, the mean of the rows'],
  ['modernbert-biased', 'a window in the last layer, biases everywhere but in the decoder'],
] as const;

const cases = folders.flatMap(([folder, what]) => kinds.map((kind) => [folder, kind, what] as const));

describe('the encoders', () => {
  it.each(cases)('%s has transformers’ numbers for %s: %s', async (folder, task, _what) => {
    const golden = readGolden(`encoders/${folder}/golden.json`) as EncoderGolden;
    const { logits, labels, loss, gradients } = golden.heads[task];
    const model = await openModel(goldenFolder(`encoders/${folder}`));
    const { graph, initialized } = buildForward(model, {
      task,
      seed: 0,
      hooks: { trains: ({ name }) => name },
    });
    expect(initialized).toEqual([]);
    const external = externalFrom(model.folder);
    const feeds = batchOf(golden);
    expect(largestDifference(evaluateGraph(graph, feeds, { external }).logits!.data, logits)).toBeLessThan(
      1e-6,
    );

    const trainable = Object.keys(gradients);
    const grad = compileGradients({ forward: graph, loss: crossEntropyLoss('logits'), trainable });
    const weights = trainable.map((name) => {
      const initializer = graph.initializers.get(name)!;
      return [
        name,
        { shape: [...(initializer.value.shape as number[])], data: external(initializer) },
      ] as const;
    });
    const results = evaluateGraph(
      grad,
      { ...feeds, ...Object.fromEntries(weights), labels: { shape: [labels.length], data: labels } },
      { external },
    );
    expect(results.loss_sum!.data[0]).toBeCloseTo(loss, 5);
    for (const [name, [squares, waves]] of Object.entries(gradients)) {
      const g = results[`grad:${name}`]!.data;
      const scale = 1 + Math.sqrt(squares);
      expect(g.reduce((sum, x) => sum + x * x, 0) / scale, name).toBeCloseTo(squares / scale, 4);
      expect(g.reduce((sum, x, i) => sum + x * Math.sin(i), 0) / scale, name).toBeCloseTo(waves / scale, 4);
    }
  });
});
