import { describe, expect, it } from 'vitest';
import { classWarnings, type LabelCounts } from './class-warnings.js';
import { shownLabel, spellingKey } from './spelling.js';

const counts = (splits: Record<string, Record<string, number>>): LabelCounts =>
  Object.fromEntries(Object.entries(splits).map(([split, of]) => [split, new Map(Object.entries(of))]));
const warned = (splits: Record<string, Record<string, number>>, options = {}) =>
  Object.fromEntries(classWarnings(counts(splits), options).map(({ code, message }) => [code, message]));

describe('warnings about classes', () => {
  it('are none where nothing is odd', () => {
    const healthy = { a: 80, b: 20 };
    expect(warned({ train: healthy, validation: healthy, test: healthy })).toEqual({});
    expect(warned({ train: healthy }, { open: ['validation', 'test'] })).toEqual({});
  });

  it('tell what train lacks, what only train has, and what is too small to be split', () => {
    const found = warned({ train: { a: 9, b: 9, d: 1 }, validation: { a: 3, c: 1 }, test: { a: 3, b: 2 } });
    expect(found).toEqual({
      'class-not-in-train':
        '1 class has no row in train, only in validation, so that nothing of them is learnt: "c"',
      'class-not-measured':
        '1 class has rows in train alone, so that how well they are told apart is not measured: "d"',
      'class-too-small': '2 classes have fewer rows than there are splits (3): "d", "c"',
    });
    // What is split later may still get a row.
    expect(warned({ train: { a: 9, b: 3 } }, { open: ['validation', 'test'] })).toEqual({});
    expect(warned({ train: { a: 9, b: 2 } }, { open: ['validation', 'test'] })).toEqual({
      'class-too-small': '1 class has fewer rows than there are splits (3): "b"',
    });
  });

  it('tell one number that is written in two ways, between splits and within one', () => {
    const found = warned({ train: { '0.0': 9, '1.0': 9 }, validation: { 0: 3, 1: 4 } });
    expect(found['label-number']).toContain(
      'several ways, yet are classes of their own: "0.0" (train 9) and "0" (validation 3); "1.0" (train 9) and "1" (validation 4)',
    );
    expect(found['label-spelling']).toBeUndefined();
    expect(warned({ train: { 1: 9, '01': 9 } })['label-number']).toBeDefined();
    expect(warned({ train: { 1: 9, '01': 9 } }, { numbered: true })['label-number']).toBeUndefined();
  });

  it.each([
    ['case', 'Spam', 'spam'],
    ['white space', 'spam ', 'spam'],
    ['white space inside', 'not spam', 'not  spam'],
    ['a no-break space', 'not\u00a0spam', 'not spam'],
    ['a character of no width', 'spam\u200b', 'spam'],
    ['a byte order mark', '\ufeffspam', 'spam'],
    ['composition', 'caf\u00e9', 'cafe\u0301'],
    ['width', 'ＳＰＡＭ', 'spam'],
    ['a ligature', 'ﬁne', 'fine'],
    ['a sharp s', 'STRASSE', 'straße'],
  ])('tell labels that differ by %s', (_, a, b) => {
    expect(warned({ train: { [a]: 9, [b]: 9 } })['label-spelling']).toMatch(/^labels differ only by/);
  });

  it.each([
    ['yes', 'no'],
    ['1', '10'],
    ['a', 'ä'],
    ['1', 'one'],
    ['-1', '1'],
    ['0x1', '1'],
  ])('do not take %s for %s', (a, b) => expect(spellingKey(a)).not.toBe(spellingKey(b)));

  it('show what cannot be seen, and stay short for thousands of classes with long names', () => {
    expect(shownLabel('a\u200b\u00a0\u001b[31m')).toBe('"a\\u{200b}\\u{a0}\\u{1b}[31m"');
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${'x'.repeat(5000)}${i}`, 1]));
    const few = { train: many, validation: { Z: 1, z: 1 }, test: { q: 1 } };
    for (const { message, count } of classWarnings(counts(few))) {
      expect(message.length).toBeLessThan(600);
      expect(count).toBeGreaterThan(0);
    }
  });
});
