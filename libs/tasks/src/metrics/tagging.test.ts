import { readFileSync } from 'node:fs';
import type { TokenizedSplit } from '@temper/contracts';
import { expect, it } from 'vitest';
import { chunksOf, tagsOf } from './entities.js';
import { TaggingMetrics, taggingOf } from './tagging.js';

interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}
/** Of make_tagging.py. */
interface Golden {
  readonly names: readonly string[];
  readonly truth: readonly (readonly number[])[];
  readonly said: readonly (readonly number[])[];
  readonly micro: Scores;
  readonly perType: Readonly<Record<string, Scores & { readonly support: number }>>;
  readonly tokenAccuracy: number;
}
const golden = JSON.parse(
  readFileSync(new URL('../../goldens/tagging.json', import.meta.url), 'utf8'),
) as Golden;

it("gives seqeval's numbers of odd sequences, batch after batch", () => {
  const { names, truth, said, micro, perType, tokenAccuracy } = golden;
  const metrics = new TaggingMetrics(names);
  for (let from = 0; from < truth.length; from += 7) {
    const rows = truth.slice(from, from + 7);
    const labels = Int32Array.from(rows.flat());
    const logits = said
      .slice(from, from + 7)
      .flat()
      .flatMap((tag) => names.map((_, k) => (k === tag ? 1 : 0)));
    const counts = rows.map((row) => row.length);
    metrics.add({ labels, counted: labels.length, lossSum: 0, outputs: { logits }, countedIn: counts });
  }
  const result = metrics.result();
  for (const name of ['precision', 'recall', 'f1'] as const)
    expect(result[name]).toBeCloseTo(micro[name], 12);
  expect(result.tokenAccuracy).toBeCloseTo(tokenAccuracy, 12);
  const ofType = result.perClass as Golden['perType'];
  expect(Object.keys(ofType).sort()).toEqual(Object.keys(perType).sort());
  for (const [type, scores] of Object.entries(perType))
    for (const [name, value] of Object.entries(scores))
      expect(ofType[type]![name as keyof Scores], `${type} ${name}`).toBeCloseTo(value, 12);
});

it('gives the same of rows that are drawn, of which all tokens but some are counted', () => {
  const { names, truth, said, micro, tokenAccuracy } = golden;
  // Each row begins with a token that is not counted.
  const labels = Int32Array.from(truth.flatMap((row) => [-100, ...row]));
  const offsets = new Int32Array(truth.length + 1);
  truth.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length + 1));
  const split: TokenizedSplit = { labelKind: 'tag', inputIds: labels, labels, offsets };
  const counted = truth.map((row) => row.length);
  const measure = taggingOf({ split, loss: counted, counted, predicted: said.flat() }, names);
  measure.reset();
  truth.forEach((_, row) => measure.add(row));
  const wanted = [1, micro.precision, micro.recall, micro.f1, tokenAccuracy];
  measure.values().forEach((value, k) => expect(value, measure.metrics[k]).toBeCloseTo(wanted[k]!, 12));
});

it('takes names that are no chunk scheme for types, and 0 of mere numbers for none', () => {
  const chunks = (names: string[], ...row: number[]) => chunksOf(row.map((k) => tagsOf(names)[k]!));
  expect(chunks(['NOUN', 'OTHER'], 0, 0, 1)).toEqual([
    { type: 'NOUN', start: 0, end: 1 },
    { type: 'OTHER', start: 2, end: 2 },
  ]);
  expect(chunks(['0', '1'], 0, 1, 1, 0)).toEqual([{ type: '1', start: 1, end: 2 }]);
});
