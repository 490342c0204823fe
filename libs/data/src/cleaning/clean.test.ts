import type { Example, SplitName } from '@temper/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cleaner, type CleanSpec } from './clean.js';
import { textOf } from './content.js';

const spec: CleanSpec = {
  dropEmpty: true,
  dedupe: 'exact',
  nearThreshold: 0.8,
  dropConflictingLabels: true,
  minChars: 1,
};

function clean(rows: readonly (readonly [SplitName, Example])[], changes: Partial<CleanSpec> = {}) {
  const cleaner = new Cleaner({ ...spec, ...changes });
  for (const [split, example] of rows) cleaner.add(split, example);
  cleaner.decide();
  const readText = (split: SplitName, row: number) =>
    textOf(rows.filter(([of]) => of === split)[row - 1]![1]);
  const { keep, report } = cleaner.finish(readText);
  return { keep: { train: [...keep.train], validation: [...keep.validation], test: [...keep.test] }, report };
}
const row = (text: string, label = 'a'): readonly [SplitName, Example] => ['train', { text, label }];

describe('cleaning', () => {
  it('drops empty, short, long, duplicate and conflicting rows, and says which', () => {
    const rows = [
      row('one'),
      row('  '),
      row('one'),
      row('x', 'b'),
      row('two', ''),
      row('a long text'),
      row('both', 'a'),
      row('both', 'b'),
    ];
    const { keep, report } = clean(rows, { minChars: 2, maxChars: 8 });
    expect(keep.train).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(report).toMatchObject({
      read: 8,
      kept: 1,
      dropped: { empty: 2, duplicate: 1, tooShort: 1, tooLong: 1, conflictingLabel: 2 },
    });
    expect(report.samples).toContainEqual({ reason: 'duplicate', split: 'train', row: 3, text: 'one' });
  });

  it('drops only what repeats within a given split', () => {
    const all = ['train', 'validation', 'test'] as const;
    const { keep, report } = clean(
      all.flatMap(
        (split) =>
          [
            [split, { text: 'same', label: 'a' }],
            [split, { text: split, label: 'a' }],
          ] as const,
      ),
    );
    expect(keep).toEqual({ train: [1, 1], validation: [1, 1], test: [1, 1] });
    expect(report).toMatchObject({ dropped: { duplicate: 0 } });
    const twice = clean([['test', { text: 'a', label: 'a' }], row('a'), row('a')]);
    expect(twice.keep).toMatchObject({ train: [1, 0], test: [1] });
    expect(twice.report).toMatchObject({ dropped: { duplicate: 1 } });
  });

  it('drops pairs whose chosen answer is the rejected one, and says where nothing is left', () => {
    const said = (content: string) => [
      { role: 'user', content: 'q' },
      { role: 'assistant', content },
    ];
    const pairs: Example[] = [
      { prompt: 'q', chosen: 'a', rejected: 'a' },
      { prompt: 'q', chosen: 'a', rejected: 'b' },
      { chosen: said('a'), rejected: said('a') },
      { chosen: said('a'), rejected: said('b') },
    ];
    const rows = pairs.map((pair): readonly [SplitName, Example] => ['train', pair]);
    const { keep, report } = clean(rows);
    expect(keep.train).toEqual([0, 1, 0, 1]);
    expect(report).toMatchObject({ dropped: { conflictingLabel: 2, empty: 0 } });
    expect(clean(rows, { dropConflictingLabels: false }).keep.train).toEqual([1, 1, 1, 1]);

    const cleaner = new Cleaner(spec);
    cleaner.add('train', pairs[0]!);
    cleaner.add('train', { prompt: 'q', chosen: 'a', rejected: '' });
    cleaner.add('test', pairs[1]!);
    expect(() => cleaner.requireRows('test')).not.toThrow();
    expect(() => cleaner.requireRows('train')).toThrow(
      /cleaning leaves no row of the 2.*1 empty, 1 conflictingLabel/s,
    );
  });

  it('leaves everything as it is when it is told to', () => {
    const rows = [row(''), row('same'), row('same'), row('same', 'b')];
    const off = { dropEmpty: false, dedupe: 'none', dropConflictingLabels: false } as const;
    expect(clean(rows, off).report.kept).toBe(4);
    expect(clean(rows, { ...off, dedupe: 'exact' }).report.dropped).toMatchObject({ duplicate: 1 });
  });

  it('compares whole conversations and pairs, and takes an answer without text for empty', () => {
    const chat = (answer: string): readonly [SplitName, Example] => [
      'train',
      {
        messages: [
          { role: 'user', content: 'q' },
          { role: 'assistant', content: answer },
        ],
      },
    ];
    expect(clean([chat('a'), chat('b'), chat('a'), chat(' ')]).keep.train).toEqual([1, 1, 0, 0]);
    const pair = (prompt: string, completion: string): readonly [SplitName, Example] => [
      'train',
      { prompt, completion },
    ];
    expect(clean([pair('p', 'c'), pair('pc', ' '), pair('p', 'd'), pair('p', 'c')]).keep.train).toEqual([
      1, 0, 1, 0,
    ]);
  });

  it('does not touch rows that are already tokenised', () => {
    const tokens = { inputIds: [1, 2], labels: [-100, 2] };
    expect(
      clean([
        ['train', tokens],
        ['train', tokens],
        ['test', tokens],
      ]).report.kept,
    ).toBe(3);
  });

  it('drops exactly the repeated rows, whatever the texts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('train', 'test'), fc.string({ minLength: 1, maxLength: 2 }))),
        (given) => {
          const rows = given.map(
            ([split, text]) => [split as SplitName, { text: `.${text}`, label: 'a' }] as const,
          );
          const { keep, report } = clean(rows);
          const distinct = new Set(rows.map(([split, { text }]) => `${split} ${text}`));
          expect(report.kept).toBe(distinct.size);
          expect(report.kept + report.dropped.duplicate).toBe(rows.length);
          for (const split of ['train', 'validation', 'test'] as const) {
            const texts = rows.filter(([s]) => s === split).map(([, { text }]) => text);
            expect(texts.filter((_, i) => keep[split][i])).toEqual([...new Set(texts)]);
          }
        },
      ),
    );
  });
});
