import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blockFactors, dequantize, quantizations } from './quantization.js';
import { tensorTypes } from './types.js';

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
    const [, elements, size] = [...tensorTypes.values()].find(([name]) => name === type)!;
    expect((expected.length / elements) * size).toBe(raw.length);
    expect(blockFactors(type)!.bytes).toBe(size);
    // A factor that is no number makes weights that are none, and nothing else of a block does.
    for (const at of blockFactors(type)!.factors) {
      const damaged = Buffer.from(raw);
      damaged.writeUInt16LE(0x7e00, at);
      expect(dequantize(type, damaged).some(Number.isNaN)).toBe(true);
    }
    expect(dequantize(type, raw).every(Number.isFinite)).toBe(true);
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
});
