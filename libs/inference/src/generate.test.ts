import type { Tokenizer } from '@temper/data';
import { expect, it } from 'vitest';
import { generate } from './generate.js';

const END = 2;
const ids = (text: string) => text.split(' ').map(Number);
const tokenizer = {
  chatTemplate: undefined,
  eosTokenId: END,
  generationEnds: [END],
  encode: async (text: string) => (text ? ids(text) : []),
  decode: async (written: ArrayLike<number>) => Array.from(written).join(' '),
} as unknown as Tokenizer;

/** Writes these tokens one after the other, the last of them for ever. */
function writes(...tokens: number[]) {
  let at = 0;
  return {
    readRows: async () => {
      const next = tokens[Math.min(at++, tokens.length - 1)]!;
      return [Float32Array.from({ length: 10 }, (_, id) => (id === next ? 1 : 0))];
    },
  };
}

it('stops at the end, at the limit that was asked for, and where the model has no more positions', async () => {
  expect(await generate(writes(5, 6, END), tokenizer, 64, '1 1', {})).toEqual({
    text: '5 6',
    tokens: 2,
    stopped: 'end',
  });
  expect(await generate(writes(5), tokenizer, 64, '1 1', { maxNewTokens: 3 })).toMatchObject({
    text: '5 5 5',
    stopped: 'length',
  });
  expect(await generate(writes(5), tokenizer, 6, '1 1 1 1', {})).toEqual({
    text: '5 5',
    tokens: 2,
    stopped: 'positions',
  });
});

it('refuses a prompt without a token, or without a place for an answer', async () => {
  await expect(generate(writes(5), tokenizer, 4, '1 1 1 1', {})).rejects.toThrow(
    /found 4 tokens; allowed: 1 to 3/,
  );
  await expect(generate(writes(5), tokenizer, 4, '', {})).rejects.toThrow(/no tokens/);
});
