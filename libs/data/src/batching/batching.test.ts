import { IGNORED_LABEL, type TokenizedSplit } from '@temper/contracts';
import fc from 'fast-check';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochPlan, evaluationPlan } from './epoch-plan.js';
import { makeBatch } from './make-batch.js';
import { readTokens, writeTokens } from './token-files.js';

/** Examples with ids 10·i, 10·i+1, … and every label counted. */
function splitOf(lengths: readonly number[]): TokenizedSplit {
  const offsets = Int32Array.from(
    [0, ...lengths].map(
      (
        (sum) => (n: number) =>
          (sum += n)
      )(0),
    ),
  );
  const inputIds = Int32Array.from(
    lengths.flatMap((n, i) => Array.from({ length: n }, (_, t) => 10 * i + t)),
  );
  return { labelKind: 'token', inputIds, labels: inputIds.slice(), offsets };
}
const lengthsArbitrary = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 400 });
const plan = (lengths: number[], options: object) =>
  epochPlan({
    split: splitOf(lengths),
    batchSize: 4,
    seed: 0,
    epoch: 0,
    shuffle: true,
    groupByLength: true,
    ...options,
  });

describe('epochPlan', () => {
  it('gives every example exactly once an epoch, in batches that are full but for the last', () => {
    fc.assert(
      fc.property(
        lengthsArbitrary,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.boolean(),
        (lengths, batchSize, shuffle, groupByLength) => {
          const batches = plan(lengths, { batchSize, shuffle, groupByLength });
          expect(batches.flatMap((b) => [...b]).sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
          expect(batches).toHaveLength(Math.ceil(lengths.length / batchSize));
          for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(batchSize);
        },
      ),
    );
  });

  it('follows from seed and epoch alone, and changes with either', () => {
    const lengths = Array.from({ length: 300 }, (_, i) => 1 + ((i * 37) % 50));
    for (const groupByLength of [true, false]) {
      const first = plan(lengths, { groupByLength });
      expect(plan(lengths, { groupByLength })).toEqual(first);
      expect(plan(lengths, { groupByLength, epoch: 1 })).not.toEqual(first);
      expect(plan(lengths, { groupByLength, seed: 1 })).not.toEqual(first);
    }
  });

  it('has the same examples in a step, however it is cut into batches', () => {
    fc.assert(
      fc.property(lengthsArbitrary, fc.boolean(), fc.boolean(), (lengths, shuffle, groupByLength) => {
        const stepsOf = (batchSize: number, gradientAccumulationSteps: number) => {
          const more = { batchSize, gradientAccumulationSteps, shuffle, groupByLength };
          const batches = plan(lengths, more);
          expect(batches.slice(0, -1).every((batch) => batch.length === batchSize)).toBe(true);
          return Array.from({ length: Math.ceil(batches.length / gradientAccumulationSteps) }, (_, s) =>
            batches
              .slice(s * gradientAccumulationSteps, (s + 1) * gradientAccumulationSteps)
              .flatMap((batch) => [...batch]),
          );
        };
        const whole = stepsOf(8, 1);
        expect(stepsOf(4, 2)).toEqual(whole);
        expect(stepsOf(2, 4)).toEqual(whole);
        expect(stepsOf(1, 8)).toEqual(whole);
      }),
    );
  });

  it('keeps the order of the file without shuffling', () => {
    expect(plan([3, 1, 2, 9, 1], { batchSize: 2, shuffle: false })).toEqual(
      [[0, 1], [2, 3], [4]].map((b) => Int32Array.from(b)),
    );
  });

  it('leaves examples of one length shuffled, so that a file sorted by class gives no batches of one class', () => {
    const classOf = (example: number) => Number(example >= 400);
    const batches = plan(new Array<number>(800).fill(128), { batchSize: 16 });
    const mixed = batches.filter((batch) => new Set([...batch].map(classOf)).size === 2);
    expect(mixed).toHaveLength(batches.length);
  });

  it('pads far less when it groups by length, and composes other batches each epoch', () => {
    const lengths = Array.from({ length: 2000 }, (_, i) => 5 + ((i * i * 31) % 200));
    const split = splitOf(lengths);
    const padding = (batches: Int32Array[]) =>
      batches.reduce((sum, b) => sum + makeBatch(split, b, { padTokenId: 0 }).paddedTokens, 0);
    const grouped = plan(lengths, {});
    expect(padding(grouped)).toBeLessThan(padding(plan(lengths, { groupByLength: false })) / 5);
    expect(padding(evaluationPlan(split, 4))).toBeLessThanOrEqual(padding(grouped));
    const sets = (batches: Int32Array[]) => new Set(batches.map((b) => [...b].sort().join()));
    const again = sets(plan(lengths, { epoch: 1 }));
    expect([...sets(grouped)].filter((b) => again.has(b)).length).toBeLessThan(25);
  });
});

describe('makeBatch', () => {
  it('pads on the right, and counts the label of token t+1 at place t', () => {
    const split = splitOf([3, 0, 2]);
    split.labels.set([IGNORED_LABEL, IGNORED_LABEL, 2, IGNORED_LABEL, 21]);
    expect(makeBatch(split, [2, 0], { padTokenId: 7 })).toEqual({
      batchSize: 2,
      sequenceLength: 3,
      inputIds: Int32Array.from([20, 21, 7, 0, 1, 2]),
      attentionMask: Int32Array.from([1, 1, 0, 1, 1, 1]),
      places: Int32Array.from([0, 0, 0, 1, 1, 0, 1, 1, 1, 2]),
      labelPositions: Int32Array.from([0, 3]),
      labels: Int32Array.from([21, 2]),
      tokens: 5,
      paddedTokens: 1,
      counted: 2,
    });
  });

  it('agrees with the definition: the logits of a token are for the next one of its example', () => {
    fc.assert(
      fc.property(
        lengthsArbitrary.filter((l) => l.length > 0),
        (lengths) => {
          const split = splitOf(lengths);
          const batch = makeBatch(
            split,
            lengths.map((_, i) => i),
            { padTokenId: 0 },
          );
          expect(batch.counted).toBe(lengths.reduce((sum, n) => sum + n - 1, 0));
          const { places, sequenceLength } = batch;
          batch.labelPositions.forEach((row, k) => {
            const at = places[2 * row]! * sequenceLength + places[2 * row + 1]!;
            expect(batch.inputIds[at + 1]).toBe(batch.labels[k]);
            expect(batch.attentionMask[at + 1]).toBe(1);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('gives class numbers as labels for classification, and the rows of the last tokens', () => {
    const split: TokenizedSplit = {
      ...splitOf([2, 1, 3]),
      labelKind: 'class',
      labels: Int32Array.from([5, 6, 7]),
    };
    expect(makeBatch(split, [2, 1], { padTokenId: 0 })).toMatchObject({
      labels: Int32Array.from([7, 6]),
      labelPositions: Int32Array.from([2, 3]),
      counted: 2,
      tokens: 4,
    });
  });

  it.each(['flags', 'value'] as const)(
    'gives the rows of the last tokens with labels that are a %s',
    (labelKind) => {
      const split: TokenizedSplit = { ...splitOf([2, 1, 3]), labelKind, labels: Int32Array.from([1, 0, 1]) };
      expect(makeBatch(split, [2, 0], { padTokenId: 0 }).labelPositions).toEqual(Int32Array.from([2, 4]));
    },
  );
});

describe('token files', () => {
  it('come back as they were written; files that do not fit together are an error', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temper-tokens-'));
    try {
      const train = splitOf([3, 4]);
      const test = splitOf([2, 2]);
      const files = await writeTokens(folder, { train, test });
      expect(files).toContain('test.labels.i32');
      expect(await readTokens(folder, 'token')).toEqual({ train, test });
      await expect(readTokens(folder, 'class')).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
      const classes: TokenizedSplit = { ...test, labelKind: 'class', labels: Int32Array.from([0, 1]) };
      await writeTokens(join(folder, 'classes'), { test: classes });
      expect(await readTokens(join(folder, 'classes'), 'class')).toEqual({ test: classes });
      await truncate(join(folder, 'train.input_ids.i32'), 8);
      await expect(readTokens(folder, 'token')).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
