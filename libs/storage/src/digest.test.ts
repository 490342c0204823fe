import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf, digestOfBytes } from './digest.js';

describe('canonicalJson', () => {
  it('has one form for a value, whatever the order its members were set in', () => {
    expect(canonicalJson({ b: [1, { z: 1, a: undefined, y: null }], a: 'é"' })).toBe(
      '{"a":"é\\"","b":[1,{"y":null,"z":1}]}',
    );
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
  });

  it('says the same as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what JSON would turn into null', () => {
    for (const value of [NaN, Infinity, 1n, () => 1])
      expect(() => canonicalJson({ value })).toThrow(TypeError);
  });
});

it('digests are SHA-256', () => {
  expect(digestOfBytes('abc')).toBe(
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
