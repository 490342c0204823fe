import { expect, it } from 'vitest';
import { Random } from './random.js';
import { faulty } from './parsers/faulty.js';
import { parsers } from './parsers/index.js';
import { runParser } from './run-parser.js';

// A small share of `npm run test:hostile`: what it prints for a fault makes it again.
it.each(parsers.map((parser) => [parser.name, parser] as const))(
  'whatever %s is given, a result or a typed error comes of it',
  async (_, parser) => {
    const { tried, crashes, breaches } = await runParser(parser, 'in short', parser.elsewhere ? 4 : 60);
    expect({ crashes, breaches }).toEqual({ crashes: [], breaches: [] });
    expect(tried).toBe(parser.elsewhere ? 4 : 60);
  },
);

it('an input follows from parser, seed and number alone', () => {
  for (const parser of parsers) {
    const make = (seed: string, number: number) =>
      JSON.stringify(parser.make(new Random(parser.name, seed, number)));
    expect(make('1', 7)).toBe(make('1', 7));
    expect([1, 2, 3].map((number) => make('1', number))).not.toEqual([1, 2, 3].map(() => make('1', 7)));
  }
});

it('a crash, an error without a type and a breach of a limit are found', async () => {
  const outcomes = await runParser(faulty, 'in short', faulty.inputs);
  expect(outcomes.tried).toBe(5);
  expect(outcomes.crashes.map(({ case: number, what }) => [number, what.split('\n')[0]])).toEqual([
    [0, 'TypeError: no type'],
    [1, 'the process ended: SIGABRT'],
    [3, 'the process ended: exit status 7'],
  ]);
  expect(outcomes.breaches).toEqual([{ case: 2, what: 'a message of 5000 bytes' }]);
});
