import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dequantize, quantizations, quantizedBytes } from './quantization.js';

/** Random blocks and the values that the `gguf` Python package reads from them (goldens/make.py). */
const blocks = JSON.parse(
  readFileSync(new URL('../../goldens/gguf-blocks.json', import.meta.url), 'utf8'),
) as Record<string, { bytes: string; values: string }>;
const float32 = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);

describe('GGUF weight types', () => {
  it.each(Object.entries(blocks))('%s is read to the bit', (type, { bytes, values }) => {
    const raw = Buffer.from(bytes, 'base64');
    const expected = float32(values);
    expect(dequantize(type, raw)).toEqual(expected);
    expect(quantizedBytes(type, expected.length)).toBe(raw.length);
  });

  it('every block type has a golden', () => {
    expect(Object.keys(blocks).sort()).toEqual(quantizations.filter((type) => type.includes('Q')).sort());
  });

  it('plain types', () => {
    expect(dequantize('F32', new Uint8Array(Float32Array.of(1.5, -2).buffer))).toEqual(
      Float32Array.of(1.5, -2),
    );
    expect(dequantize('F16', Uint8Array.of(0, 0x3c))).toEqual(Float32Array.of(1));
    expect(dequantize('BF16', Uint8Array.of(0x80, 0x3f))).toEqual(Float32Array.of(1));
  });

  it('has no size for an unknown type, or for half a block', () => {
    expect(quantizedBytes('IQ2_XXS', 256)).toBeUndefined();
    expect(quantizedBytes('Q4_0', 33)).toBeUndefined();
  });
});
