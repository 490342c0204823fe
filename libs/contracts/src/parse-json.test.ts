import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.js';

describe('parseJson', () => {
  it('is JSON.parse for what files hold', () => {
    const value = { a: ['[', '{"\\', { b: [1, [2, [3]]] }, 'x'.repeat(5_000)], 'k"[': null };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
    expect(parseJson(JSON.stringify({ text: '['.repeat(5_000) }))).toEqual({ text: '['.repeat(5_000) });
    expect(() => parseJson('{"a": ')).toThrow(SyntaxError);
    expect(() => parseJson(`${' '.repeat(5_000)}"never closed \\`)).toThrow(SyntaxError);
  });

  it('refuses what is nested without end', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['[{"b":', '}]'],
    ] as const) {
      const deep = (n: number) => `${open.repeat(n)}1${close.repeat(n)}`;
      expect(() => parseJson(deep(100_000))).toThrow(/nested more than 1000 deep/);
      expect(parseJson(deep(400))).toBeDefined();
    }
  });
});
