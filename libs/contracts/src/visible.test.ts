import { expect, it } from 'vitest';
import { visible, visibleJson } from './visible.js';

it.each([
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u009b31m', '\\x9b31m'],
  ['\u0007\b\b\r', '\\x07\\x08\\x08\\x0d'],
  ['\u001b]8;;http://x\u0007link', '\\x1b]8;;http://x\\x07link'],
  ['a\u202eb\u2066c\u200f', 'a\\u202eb\\u2066c\\u200f'],
  ['\0\x7f\ufeff\u2028', '\\x00\\x7f\\ufeff\\u2028'],
])('%j is shown, not sent', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

it('leaves what is a text: line ends, tabs, accents, emoji, scripts of either direction', () => {
  const text = 'naïve\tשלום\n👨‍👩‍👧 漢字 ❯ ✔';
  expect(visible(text)).toBe(text);
});

it('keeps JSON what it means', () => {
  const value = { 'label\u009b': '\u001b[2J \u202e \ufeff', list: [1, 'ä'] };
  const json = visibleJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(visible(json)).toBe(json);
  expect(json).toContain('ä');
});
