import { dynamicMap } from './dynamic-map.js';

/** Values that a look-up tells apart, between −1 and 1. */
const GRID = 65536;
const HALF_GRID = (GRID - 1) / 2;

/**
 * Float32 numbers in one byte each and one scale a block, as bitsandbytes' CPU kernels store the state of its 8-bit
 * optimizers (csrc/cpu_ops.cpp: quantize_cpu, dequantizeBlockwise8bitCpu): a number divided by the largest magnitude of its
 * block is rounded to a grid of 2¹⁶ values and from there to the nearest of the 256 numbers of the dynamic map. The grid keeps
 * small second moments off zero, by which the step would be divided.
 */
export class BlockwiseCode {
  readonly blockSize = 256;
  private made: Tables | undefined;

  constructor(private readonly options: { readonly signed: boolean }) {}

  /** Made when they are first needed: who only reads the table of optimizers needs none. */
  private get tables(): Tables {
    return (this.made ??= tablesOf(dynamicMap(this.options.signed)));
  }

  blocksOf = (length: number): number => Math.ceil(length / this.blockSize);

  /** `values` begin at a block. */
  encode(values: Float32Array, codes: Uint8Array, scales: Float32Array): void {
    const { codeOf } = this.tables;
    for (let block = 0, from = 0; from < values.length; block++, from += this.blockSize) {
      const to = Math.min(from + this.blockSize, values.length);
      let largest = 0;
      for (let i = from; i < to; i++) {
        const magnitude = Math.abs(values[i]!);
        if (magnitude > largest) largest = magnitude;
      }
      scales[block] = largest;
      if (largest === 0) {
        codes.fill(0, from, to);
        continue;
      }
      const inverse = Math.fround(1 / largest);
      // Products are at most a rounding beyond ±1, which is far less than half a place of the grid.
      for (let i = from; i < to; i++) {
        const scaled = Math.fround(values[i]! * inverse);
        codes[i] = codeOf[(Math.fround(scaled + 1) * HALF_GRID + 0.5) | 0]!;
      }
    }
  }

  decode(codes: Uint8Array, scales: Float32Array, values: Float32Array): void {
    const { map } = this.tables;
    for (let block = 0, from = 0; from < codes.length; block++, from += this.blockSize) {
      const to = Math.min(from + this.blockSize, codes.length);
      const scale = scales[block]!;
      for (let i = from; i < to; i++) values[i] = map[codes[i]!]! * scale;
    }
  }
}

interface Tables {
  readonly map: Float32Array;
  /** By the place on the grid. */
  readonly codeOf: Uint8Array;
}

function tablesOf(map: Float32Array): Tables {
  const codeOf = new Uint8Array(GRID);
  let code = 0;
  for (let i = 0; i < GRID; i++) {
    const value = -1 + (2 * i) / (GRID - 1);
    while (code < 255 && (map[code]! + map[code + 1]!) / 2 < value) code++;
    codeOf[i] = code;
  }
  return { map, codeOf };
}
