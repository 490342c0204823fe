import { expect, it } from 'vitest';
import { DigestList } from './digest-list.js';

it('finds the first row of every content, in memory and from its file, in one part and in many', () => {
  // More than two pieces of the file.
  const contents = Array.from({ length: 140_000 }, (_, i) => String((i * 7919) % 100_003));
  const first = new Map<string, number>();
  const wanted = contents.map((content, row) => {
    if (!first.has(content)) first.set(content, row);
    return first.get(content)!;
  });
  for (const atOnce of [1 << 20, 20_000]) {
    const list = new DigestList(atOnce);
    expect(contents.map((content) => list.push(content))).toEqual(contents.map((_, row) => row));
    expect([...list.firsts()]).toEqual(wanted);
  }
  const few = new DigestList();
  for (const content of ['a', 'b', 'a']) few.push(content);
  expect([...few.firsts()]).toEqual([0, 1, 0]);
  expect([...new DigestList().firsts()]).toEqual([]);
}, 30_000);
