import { describe, expect, it } from 'vitest';
import { headToStartFrom, planHead, planNumberedHead, type BaseHead } from './plan-head.js';

const planned = (found: string[], base: BaseHead) => {
  const { labelNames, head } = planHead(found, base);
  return { from: head.from, labelNames, why: head.message };
};
const placeholders = ['LABEL_0', 'LABEL_1', 'LABEL_2'];

describe('the head of the base model', () => {
  it.each<[string, string[], BaseHead, string[]]>([
    ['of the same names', ['b', 'a', 'c'], { classes: 3, names: ['c', 'a', 'b'] }, ['c', 'a', 'b']],
    [
      'of the same names, spelt as the data does',
      ['positive', 'negative '],
      { classes: 2, names: ['NEGATIVE', 'POSITIVE'] },
      ['negative ', 'positive'],
    ],
    ['named by the same numbers', ['1.0', '0.0'], { classes: 2, names: ['0', '1'] }, ['0.0', '1.0']],
    ['without names, for numbers', ['2', '0', '1'], { classes: 3 }, ['0', '1', '2']],
    ['with placeholders, for numbers', ['2', '0', '1'], { classes: 3, names: placeholders }, ['0', '1', '2']],
    [
      'with placeholders, for placeholders',
      ['LABEL_1', 'LABEL_0'],
      { classes: 2, names: placeholders.slice(0, 2) },
      ['LABEL_0', 'LABEL_1'],
    ],
    [
      'whose names are those of another head',
      ['1', '0', '2'],
      { classes: 3, names: ['a', 'b'] },
      ['0', '1', '2'],
    ],
  ])('%s is kept, in its order', (_, found, base, labelNames) => {
    expect(planned(found, base)).toMatchObject({
      from: 'own',
      labelNames,
      why: /^head of the base model kept: /,
    });
  });

  it.each<[string, string[], BaseHead, string[], string]>([
    [
      'of other names',
      ['0', '1'],
      { classes: 2, names: ['NEGATIVE', 'POSITIVE'] },
      ['0', '1'],
      'the base model\'s are "NEGATIVE", "POSITIVE"',
    ],
    [
      'of another size',
      ['b', 'a'],
      { classes: 3, names: placeholders },
      ['a', 'b'],
      "the base model's has 3",
    ],
    ['that has no names', ['b', 'a'], { classes: 2 }, ['a', 'b'], 'have no names'],
    [
      'with placeholders, for numbers from 1',
      ['1', '2', '3'],
      { classes: 3, names: placeholders },
      ['1', '2', '3'],
      'have no names',
    ],
    ['with placeholders, for one number twice', ['0', '0.0'], { classes: 2 }, ['0', '0.0'], 'have no names'],
    ['that is not there', ['b', 'a'], {}, ['a', 'b'], 'the base model has none'],
    [
      'that is not there, of known names',
      ['b', 'a'],
      { names: ['b', 'a'] },
      ['b', 'a'],
      'the base model has none',
    ],
    [
      "whose names are one another's spelling",
      ['a', 'b'],
      { classes: 2, names: ['a', 'A'] },
      ['a', 'b'],
      'the base model\'s are "a", "A"',
    ],
  ])('%s is made anew, and said', (_, found, base, labelNames, why) => {
    expect(planned(found, base)).toMatchObject({ from: 'new', labelNames });
    expect(planned(found, base).why).toContain(why);
  });

  it('is that of an adapter to start from, which brings its own', () => {
    const base = { classes: 2, names: ['a', 'b'] };
    expect(headToStartFrom(base, undefined)).toBe(base);
    const other = headToStartFrom(base, { classes: 2, names: ['c', 'd'] });
    expect(planned(['a', 'b'], other)).toMatchObject({ from: 'new', why: /adapter's are "c", "d"$/ });
    expect(planned(['d', 'c'], other)).toMatchObject({ from: 'own', labelNames: ['c', 'd'] });
    // PEFT keeps no names beside an adapter: they are those of its base model.
    const unnamed = headToStartFrom({ names: ['b', 'a'] }, { classes: 2, names: undefined });
    expect(planned(['a', 'b'], unnamed)).toMatchObject({ from: 'own', labelNames: ['b', 'a'] });
  });

  it('is what class numbers beside token ids mean, with the names of its own', () => {
    const names = ['NEGATIVE', 'NEUTRAL', 'POSITIVE'];
    expect(planNumberedHead(1, { classes: 3, names })).toMatchObject({
      labelNames: names,
      head: { from: 'own' },
    });
    expect(planNumberedHead(2, { classes: 3 })).toMatchObject({
      labelNames: ['0', '1', '2'],
      head: { from: 'own' },
    });
    const larger = planNumberedHead(3, { classes: 3, names });
    expect(larger).toMatchObject({ labelNames: ['0', '1', '2', '3'], head: { from: 'new' } });
    expect(larger.head.message).toContain("the base model's has 3");
    expect(planNumberedHead(1, {})).toMatchObject({ labelNames: ['0', '1'], head: { from: 'new' } });
  });
});
