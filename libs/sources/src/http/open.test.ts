import { expect, it } from 'vitest';
import { nextOf } from './open.js';

const secure = new URL('https://example.org/a/b.jsonl');
const plain = new URL('http://example.org/a/b.jsonl');
const next = (location: string, from: URL) => nextOf(location, from, 'dataset.train').href;

it('a redirect is relative to the address, and may go to https', () => {
  expect(next('../c.jsonl', secure)).toBe('https://example.org/c.jsonl');
  expect(next('https://example.com/c', plain)).toBe('https://example.com/c');
  expect(next('http://example.com/c', plain)).toBe('http://example.com/c');
  expect(next('//example.com/c', secure)).toBe('https://example.com/c');
  expect(next('https://user:secret@example.com/c#part', secure)).toBe('https://example.com/c');
});

it('a redirect neither leaves http(s) nor goes from https to http', () => {
  for (const location of ['file:///etc/passwd', 'ftp://example.org/x', 'data:text/plain,x', 'https://'])
    expect(() => next(location, secure), location).toThrow(/a redirect that leaves http\(s\)/);
  for (const location of ['http://example.org/a/b.jsonl', 'HTTP://example.com'])
    expect(() => next(location, secure), location).toThrow(/a redirect from https to http/);
  expect(() => next('http://user:secret@example.com', secure)).not.toThrow(/secret/);
});
