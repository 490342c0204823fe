import { describe, expect, it } from 'vitest';
import { sealed, sealedJson, unsealed } from './seal.js';

const texts = [
  '{}',
  '{"a":1}',
  '{"é":"ü"}',
  '{"step":1}\n{"step":2}\n',
  `{"digest":"sha256:${'a'.repeat(64)}"}`,
];

describe('a checksum in the content', () => {
  it.each(texts)('leaves %s as it was', (text) => {
    expect(unsealed({ key: 'k', bytes: sealed(text) })).toBe(text);
    expect(JSON.parse(new TextDecoder().decode(sealed(text)).trim().split('\n').at(-1)!)).toHaveProperty(
      'checksum',
    );
  });

  it.each(texts)('is missed by nothing: whatever bit of %s changes', (text) => {
    const whole = sealed(text);
    for (let at = 0; at < whole.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = new Uint8Array(whole);
        bytes[at]! ^= 1 << bit;
        expect(() => unsealed({ key: 'runs/r/result.json', bytes }), `${at}.${bit}`).toThrow(
          /runs\/r\/result.json.*damaged/,
        );
      }
    }
  });

  it.each([...texts, '[1,2]', '"text"', '', 'x'.repeat(200), `${'{"n":1}\n'.repeat(40)}`])(
    'is not wanted of what was written without: %s',
    (text) => expect(unsealed({ key: 'k', bytes: Buffer.from(text) })).toBe(text),
  );

  it('is none of what is no object', () => {
    expect(Buffer.from(sealedJson([1, 'a'])).toString()).toBe('[1,"a"]');
  });
});
