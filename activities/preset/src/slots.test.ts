import { expect, it } from 'vitest';
import { threadsOf } from './slots.js';

it('divides the cores among the slots, and leaves each at least one', () => {
  expect([1, 2, 3, 8, 64].map((slots) => threadsOf(slots, 8))).toEqual([8, 4, 2, 1, 1]);
});
