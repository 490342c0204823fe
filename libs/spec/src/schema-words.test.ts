import { expect, it } from 'vitest';
import { typeInWords } from './schema-words.js';

it('writes types in words', () => {
  expect(typeInWords({ type: 'integer', exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER })).toBe(
    'integer > 0',
  );
  expect(typeInWords({ type: 'number', minimum: 0, exclusiveMaximum: 1 })).toBe('number ≥ 0 < 1');
  expect(typeInWords({ anyOf: [{ type: 'number' }, { type: 'null' }] })).toBe('number | null');
});
