import { fileURLToPath } from 'node:url';
import { loadTokenizer } from '@temper/data';
import { describe, expect, it } from 'vitest';
import { TextSoFar } from './text-so-far.js';

const goldens = fileURLToPath(new URL('../../data/src/tokenizer/goldens', import.meta.url));
const texts = [
  'A lighthouse  stood\nby the sea. It didn’t move!',
  'bytes of one character in several tokens: 🦊🦊 日本語 naïve 👩‍🚀 end',
  ' begins with a space, and ends with one ',
];

describe.each(['chat', 'plain', 'bert'])('text of tokens that become more: the tokenizer %s', (name) => {
  it('is that of all of them, and decodes the last few alone', async () => {
    await using tokenizer = await loadTokenizer(`${goldens}/${name}`);
    for (const text of texts) {
      let longest = 0;
      const decode = (ids: ArrayLike<number>) => {
        longest = Math.max(longest, ids.length);
        return tokenizer.decode(ids);
      };
      const soFar = new TextSoFar({ decode });
      const ids = await tokenizer.encode(text.repeat(4));
      for (let count = 1; count <= ids.length; count++) {
        const tokens = ids.slice(0, count);
        expect(await soFar.of(tokens)).toBe(await tokenizer.decode(tokens));
      }
      expect(ids.length).toBeGreaterThan(40);
      expect(longest).toBeLessThan(24);
    }
  });
});
