import { describe, expect, it } from 'vitest';
import { uniform } from '../random.js';
import { bandsFor, missed } from './bands.js';
import { NearMatcher } from './matcher.js';
import { jaccard, Shingles } from './shingles.js';
import { wordsOf } from './words.js';

describe('words', () => {
  const count = (text: string) => wordsOf(text).length;
  const same = (a: string, b: string) => expect(wordsOf(a)).toEqual(wordsOf(b));

  it('are letters, marks and digits; case, compatibility forms and punctuation make no difference', () => {
    same('Hello, World! 42', 'hello world (42)');
    same('ﬁne ＡＢＣ', 'fine abc');
    same('cafe\u0301', 'café');
    expect(count('naïve Ελληνικά हिन्दी 1st don’t')).toBe(6);
    expect(count(' \n\t… — ')).toBe(0);
  });

  it('are characters where a script writes no spaces, and symbols', () => {
    expect(count('東京タワー')).toBe(5);
    expect(count('สวัสดี')).toBe(6);
    expect(count('𠮷野家')).toBe(3);
    expect(count('3 + 5 = 8 😀')).toBe(6);
    expect(wordsOf('3 + 5')).not.toEqual(wordsOf('3 = 5'));
  });
});

/** The definition, over strings. */
function exactly(a: string, b: string): number {
  const set = (text: string) => {
    const words = text.split(' ');
    return new Set(words.slice(4).map((_, i) => words.slice(i, i + 5).join(' ')));
  };
  const [left, right] = [set(a), set(b)];
  const shared = [...left].filter((shingle) => right.has(shingle)).length;
  return shared / (left.size + right.size - shared);
}

const vocabulary = 5_000;
const word = (...at: number[]) => `w${Math.floor(uniform(11, ...at) * vocabulary)}`;
const sentence = (i: number, words: number) => Array.from({ length: words }, (_, k) => word(i, k)).join(' ');
/** With `changes` words at its end replaced: the first shingles stay, so the similarity follows from their number. */
function changed(text: string, changes: number, seed: number): string {
  const words = text.split(' ');
  return words.map((w, k) => (k < words.length - changes ? w : `c${seed} ${w}`)).join(' ');
}

const shinglesOf = (text: string) => new Shingles().read(wordsOf(text), () => text).toSet();

it('the similarity is that of the definition', () => {
  for (let i = 0; i < 200; i++) {
    const text = sentence(i, 6 + (i % 60));
    const other = changed(text, i % 5, i);
    expect(jaccard(shinglesOf(text), shinglesOf(other))).toBeCloseTo(exactly(text, other), 12);
  }
  // Repeated shingles count once.
  expect(jaccard(shinglesOf('a b c d e '.repeat(9)), shinglesOf('a b c d e '.repeat(2)))).toBe(1);
});

describe('bands', () => {
  it('find 99% of the pairs at every threshold, and 99.9% of those 0.05 above it, with at most 128 hashes', () => {
    for (let threshold = 0.1; threshold <= 1.0001; threshold += 0.01) {
      const bands = bandsFor(Math.min(1, threshold));
      expect(bands.bands * bands.rows).toBeLessThanOrEqual(128);
      expect(missed(threshold, bands)).toBeLessThanOrEqual(0.01);
      expect(missed(Math.min(1, threshold + 0.05), bands)).toBeLessThanOrEqual(0.001);
    }
  });

  it('at 0.8: 16 bands of 6', () => {
    const bands = bandsFor(0.8);
    expect(bands).toEqual({ bands: 16, rows: 6 });
    expect(missed(0.8, bands)).toBeCloseTo(0.00775, 4);
    expect(missed(0.85, bands)).toBeCloseTo(0.00051, 4);
    // Of pairs that share half of their shingles a fifth are compared, of those that share a quarter hardly any.
    expect(1 - missed(0.5, bands)).toBeCloseTo(0.223, 3);
    expect(1 - missed(0.25, bands)).toBeLessThan(0.004);
  });
});

describe('nearly equal texts', () => {
  /** Pairs that are found among `texts`, each with the ones before it. */
  function pairs(texts: readonly string[], threshold: number) {
    const matcher = new NearMatcher(threshold, (number) => ({ text: texts[number]! }));
    const found: { a: number; b: number; similarity: number }[] = [];
    texts.forEach((text, b) => {
      matcher.read({ text });
      for (const { number: a, similarity } of matcher.matches(() => true)) found.push({ a, b, similarity });
      matcher.add();
    });
    return found;
  }

  it.each([0.5, 0.7, 0.8, 0.9])('of a threshold of %s are all found, and nothing below it', (threshold) => {
    const rows = 2_000;
    const texts: string[] = [];
    for (let i = 0; i < rows; i++) {
      const text = sentence(i, 40);
      texts.push(text, changed(text, i % 14, i));
    }
    const found = pairs(texts, threshold);
    for (const { a, b, similarity } of found) {
      expect(similarity).toBeCloseTo(exactly(texts[a]!, texts[b]!), 12);
      expect(similarity).toBeGreaterThanOrEqual(threshold);
    }
    const known = new Set(found.map(({ a, b }) => `${a} ${b}`));
    let wanted = 0;
    let got = 0;
    for (let i = 0; i < rows; i++) {
      if (exactly(texts[2 * i]!, texts[2 * i + 1]!) < threshold + 0.05) continue;
      wanted++;
      if (known.has(`${2 * i} ${2 * i + 1}`)) got++;
    }
    expect(wanted).toBeGreaterThan(100);
    expect(got / wanted).toBeGreaterThanOrEqual(0.995);
  });

  it('of fewer than five words are those that are equal up to case and white space', () => {
    expect(pairs(['What is 3+5?', 'What is 3-5?', 'what  IS 3+5? ', 'one two'], 0.8)).toEqual([
      { a: 0, b: 2, similarity: 1 },
    ]);
  });

  it('are looked for in time that grows with the rows, also where all are made of the same phrases', () => {
    const phrase = sentence(7, 60);
    const texts = Array.from({ length: 3_000 }, (_, i) => `${phrase} ${sentence(i + 1000, 30)}`);
    const started = performance.now();
    pairs(texts, 0.8);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('go by tokens where there is no text', () => {
    const ids = Array.from({ length: 40 }, (_, i) => i * 3);
    const other = ids.with(39, 7);
    const matcher = new NearMatcher(0.8, () => ({ inputIds: ids }));
    matcher.read({ inputIds: ids }).add();
    expect([...matcher.read({ inputIds: other }).matches(() => true)]).toEqual([
      { number: 0, similarity: 35 / 37 },
    ]);
  });
});
