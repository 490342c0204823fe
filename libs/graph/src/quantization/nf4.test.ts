import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { BlockwiseCode } from './blockwise-code.js';
import { NF4_BLOCK, NF4_VALUES, quantizeNf4 } from './nf4.js';

interface Golden {
  readonly codes: readonly number[];
  readonly values: readonly number[];
}
const file = new URL('./goldens/nf4.json', import.meta.url);
const golden = JSON.parse(await readFile(file, 'utf8')) as {
  weights: number[];
  plain: Golden;
  double: Golden;
};
const { codes, absmax } = quantizeNf4(Float32Array.from(golden.weights));
const valuesWith = (scales: Float32Array) =>
  golden.weights.map((_, i) => {
    const byte = codes[i >> 1]!;
    return Math.fround(NF4_VALUES[i % 2 ? byte & 15 : byte >> 4]! * scales[Math.floor(i / NF4_BLOCK)]!);
  });

it('NF4 codes and values are those of bitsandbytes, a block of zeros and a last one that is not full included', () => {
  expect([...codes]).toEqual(golden.plain.codes);
  expect(valuesWith(absmax)).toEqual(golden.plain.values.map(Math.fround));
});

it('scales that are quantised too are those of bitsandbytes', () => {
  const code = new BlockwiseCode({ signed: true });
  const mean = Math.fround(absmax.reduce((a, b) => a + b, 0) / absmax.length);
  const scaleCodes = new Uint8Array(absmax.length);
  const groups = new Float32Array(code.blocksOf(absmax.length));
  code.encode(
    absmax.map((value) => value - mean),
    scaleCodes,
    groups,
  );
  const scales = new Float32Array(absmax.length);
  code.decode(scaleCodes, groups, scales);
  const values = valuesWith(scales.map((value) => value + mean));
  values.forEach((value, i) => expect(Math.abs(value - golden.double.values[i]!)).toBeLessThan(1e-7));
});
