import { expect, it } from 'vitest';
import { jsonTokens } from './json-tokens.js';

const tokens = (json: string) => Array.from(jsonTokens(json), ({ token }) => token);

it('the tokens of JSON are as written', () => {
  expect(tokens(String.raw` {"a\"b": [1, -2.5e3 ,true],"c":"\\"} `)).toEqual(
    ['{', String.raw`"a\"b"`, ':', '[', '1', ',', '-2.5e3', ',', 'true', ']', ',', '"c"', ':'].concat([
      String.raw`"\\"`,
      '}',
    ]),
  );
  expect(tokens('"a')).toEqual(['"a']);
});

it('of a text of great length, and of quotes that nothing closes, as soon as of others', () => {
  const started = performance.now();
  for (const unit of ['x', String.raw`\n`, String.raw`\"`]) {
    expect(tokens(`{"a":"${unit.repeat(10_000_000)}"}`)).toHaveLength(5);
    expect(tokens(`{"a":"${unit.repeat(1_000_000)}\\`)).toHaveLength(4);
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});
