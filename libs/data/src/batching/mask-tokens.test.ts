import { IGNORED_LABEL, type Masking, type TokenizedSplit } from '@temper/contracts';
import { describe, expect, it } from 'vitest';
import { maskedForEpoch, maskedHeldOut } from './mask-tokens.js';

const MASK = 4;
const masking: Masking = { maskTokenId: MASK, vocabulary: 1000, specialTokenIds: [0, 1, 2, 3, MASK] };

/** [CLS] text [SEP], of which the text may be hidden. */
function textsOf(lengths: readonly number[]): TokenizedSplit {
  const rows = lengths.map((n, i) => [1, ...Array.from({ length: n }, (_, t) => 5 + ((7 * i + t) % 995)), 2]);
  const inputIds = Int32Array.from(rows.flat());
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length));
  const labels = inputIds.map((id) => (id < 5 ? IGNORED_LABEL : id));
  return { labelKind: 'masked', inputIds, labels, offsets };
}

const count = (numbers: Int32Array, is: (value: number, at: number) => boolean) => numbers.filter(is).length;
const hiddenOf = ({ labels }: TokenizedSplit) => count(labels, (label) => label !== IGNORED_LABEL);

describe('hidden tokens', () => {
  const texts = textsOf(Array.from({ length: 2000 }, () => 100));
  const at = { seed: 3, epoch: 0 };

  it.each([0.15, 0.4, 1])(
    'are %s of those that may be, and of these 80%% [MASK], 10%% random, 10%% themselves',
    (p) => {
      const hidden = maskedForEpoch(texts, { masking, probability: p }, at);
      const all = 2000 * 100;
      const chosen = hiddenOf(hidden);
      // Within five standard deviations of a binomial.
      const near = (found: number, of: number, share: number) =>
        expect(Math.abs(found - of * share)).toBeLessThanOrEqual(5 * Math.sqrt(of * share * (1 - share)));
      near(chosen, all, p);
      const masks = count(hidden.inputIds, (id) => id === MASK);
      near(masks, chosen, 0.8);
      const others = count(hidden.inputIds, (id, t) => id !== MASK && id !== texts.inputIds[t]);
      // One of 995 random tokens is the right one.
      near(others, chosen, 0.1 * (994 / 995));
      expect(count(hidden.inputIds, (id, t) => id < 5 && id !== MASK && id !== texts.inputIds[t])).toBe(0);
    },
  );

  it('are learnt, and nothing else is; special tokens stay', () => {
    const hidden = maskedForEpoch(texts, { masking, probability: 0.15 }, at);
    const isWrong = (label: number, t: number) =>
      label === IGNORED_LABEL
        ? hidden.inputIds[t] !== texts.inputIds[t]
        : label !== texts.inputIds[t] || label < 5;
    expect(count(hidden.labels, isWrong)).toBe(0);
    expect(hidden.offsets).toEqual(texts.offsets);
    const everywhere = maskedForEpoch(texts, { masking, probability: 1 }, at);
    expect(everywhere.labels).toEqual(texts.labels);
  });

  it('random ones are spread over the vocabulary', () => {
    const { inputIds } = maskedForEpoch(texts, { masking, probability: 1 }, at);
    const random = inputIds.filter((id, t) => id !== MASK && id !== texts.inputIds[t]);
    const means = random.reduce((sum, id) => sum + id, 0) / random.length;
    // A uniform's deviation is range/√12.
    expect(Math.abs(means - 502)).toBeLessThan((5 * 995) / Math.sqrt(12 * random.length));
    expect(new Set(random).size).toBeGreaterThan(990);
  });

  it('are others in each epoch and for each seed, and always the same in one', () => {
    const of = (seed: number, epoch: number) =>
      maskedForEpoch(texts, { masking, probability: 0.15 }, { seed, epoch });
    expect(Buffer.from(of(3, 1).inputIds.buffer).equals(Buffer.from(of(3, 1).inputIds.buffer))).toBe(true);
    const shared = (a: TokenizedSplit, b: TokenizedSplit) =>
      count(a.labels, (label, t) => label !== IGNORED_LABEL && b.labels[t] !== IGNORED_LABEL);
    for (const other of [of(3, 0), of(4, 1), maskedHeldOut(texts, { masking, probability: 0.15 })]) {
      const both = shared(of(3, 1), other);
      expect(Math.abs(both - 200_000 * 0.15 ** 2)).toBeLessThan(5 * Math.sqrt(200_000 * 0.0225));
    }
  });

  it('hang on the example and the position alone, and more are hidden at a higher probability', () => {
    const some = textsOf(Array.from({ length: 50 }, (_, i) => 5 + i));
    const fewer = textsOf(Array.from({ length: 20 }, (_, i) => 5 + i));
    const [whole, part] = [some, fewer].map((of) => maskedHeldOut(of, { masking, probability: 0.3 }));
    const end = part!.inputIds.length;
    expect(whole!.inputIds.subarray(0, end)).toEqual(part!.inputIds);
    expect(whole!.labels.subarray(0, end)).toEqual(part!.labels);
    const more = maskedHeldOut(some, { masking, probability: 0.6 });
    whole!.labels.forEach((label, t) => label !== IGNORED_LABEL && expect(more.labels[t]).toBe(label));
  });

  it('are at least one of a text', () => {
    const short = textsOf(Array.from({ length: 500 }, () => 2));
    const { labels, offsets } = maskedForEpoch(short, { masking, probability: 0.01 }, at);
    for (let i = 0; i < 500; i++) {
      const own = labels.subarray(offsets[i], offsets[i + 1]);
      expect(count(own, (label) => label !== IGNORED_LABEL)).toBeGreaterThan(0);
    }
  });
});
