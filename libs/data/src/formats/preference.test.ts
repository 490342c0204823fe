import { expect, it } from 'vitest';
import { sharedPrompt } from './preference.js';

/** TRL's extract_prompt, of Python's strings: code points, of which none is cut. */
it.each([
  ['Hi 😀 there', 'Hi 😁 here', { prompt: 'Hi', chosen: ' 😀 there', rejected: ' 😁 here' }],
  ['Q: 😀', 'Q:\n😁', { prompt: 'Q:', chosen: ' 😀', rejected: '\n😁' }],
  ['a😀', 'a😁', { prompt: 'a', chosen: '😀', rejected: '😁' }],
  ['😀a', '😀b', { prompt: '😀', chosen: 'a', rejected: 'b' }],
])('keeps characters whole where it takes a prompt from %s and %s', (chosen, rejected, expected) => {
  expect(sharedPrompt({ chosen, rejected })).toEqual(expected);
});
