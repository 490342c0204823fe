import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Glob } from './match.js';

const matches = (pattern: string, path: string) => new Glob(pattern).matches(path);

describe('a glob', () => {
  it.each([
    ['*.csv', 'a.csv d/a.csv .a.csv .csv', 'a.csv'],
    ['**/*.csv', 'a.csv d/a.csv d/e/a.csv d/.e/a.csv', 'a.csv d/a.csv d/e/a.csv'],
    ['d/**', 'd d/a d/e/a d/.a', 'd/a d/e/a'],
    ['**', 'a d/a', 'a d/a'],
    ['d/**/e', 'd/e d/x/e d/x/y/e dx/e', 'd/e d/x/e d/x/y/e'],
    ['a**b', 'ab axb a/b', 'ab axb'],
    ['part-?.csv', 'part-1.csv part-é.csv part-12.csv part-/.csv', 'part-1.csv part-é.csv'],
    ['[a-c]x', 'ax cx dx -x', 'ax cx'],
    ['[!a-c]x', 'ax dx .x /x', 'dx'],
    ['[]]x', ']x', ']x'],
    ['[', '[ x', '['],
    ['w[ab', 'w[ab wa', 'w[ab'],
    ['[a/b]', 'a [a/b]', '[a/b]'],
    ['{a,b{c,d}}.csv', 'a.csv bc.csv bd.csv b.csv', 'a.csv bc.csv bd.csv'],
    ['{a', '{a a', '{a'],
    ['{a}', '{a} a', '{a}'],
    ['{a,}b', 'ab b', 'ab b'],
    ['p{1..3}', 'p1 p3 p4', 'p1 p3'],
    ['p{08..10}', 'p08 p9 p09 p10', 'p08 p09 p10'],
    [String.raw`\*\[x`, '*[x ax', '*[x'],
    ['.h*/*', '.hid/x .hid/.x', '.hid/x'],
    ['+(a|b)@!$^.', '+(a|b)@!$^. a', '+(a|b)@!$^.'],
  ])('%s', (pattern, paths, right) => {
    const found = paths.split(' ').filter((path) => matches(pattern, path));
    expect(found.join(' ')).toBe(right);
  });

  it('takes time in proportion, whatever pattern and text are', () => {
    const text = `${'a'.repeat(5_000)}!`;
    const deep = `${'a/'.repeat(200)}b`;
    const started = performance.now();
    for (const pattern of [
      '*a'.repeat(40),
      '{a,a}'.repeat(40) + '*x',
      '{'.repeat(2_000),
      '['.repeat(2_000),
      '{a,'.repeat(2_000) + '}'.repeat(2_000) + 'x',
      '{1..9999}'.repeat(800),
      '{a,{a,{a,{a,a*}*}*}*}*x',
    ]) {
      expect(matches(pattern, text)).toBe(false);
    }
    expect(matches('**/'.repeat(50) + 'x', deep)).toBe(false);
    expect(matches('**/'.repeat(50) + 'b', deep)).toBe(true);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('never fails, and knows how what it matches begins', () => {
    const pattern = fc.stringMatching(/^[ab/*?[\]{},.!\\0-9-]{0,24}$/);
    const path = fc.stringMatching(/^[ab/.0-9*[\]{}-]{0,12}$/);
    fc.assert(
      fc.property(pattern, path, (given, text) => {
        const glob = new Glob(given);
        if (glob.matches(text))
          for (let i = 0; i <= text.length; i++) expect(glob.mayBegin(text.slice(0, i))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
