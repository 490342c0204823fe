/**
 * The 256 numbers of bitsandbytes' create_dynamic_map (Dettmers, 8-Bit Approximations for Parallelism in Deep Learning),
 * ascending: 0, 1, and for each of seven powers of ten from 10⁻⁶ to 1 the middles of equal parts of its (0.1, 1], twice as many
 * from one power to the next.
 */
export function dynamicMap(signed: boolean): Float32Array {
  const numbers = [0, 1];
  for (let i = 0; i < 7; i++) {
    const parts = 2 ** (signed ? i : i + 1);
    const power = Math.fround(10 ** (i - 6));
    for (const middle of middles(parts)) {
      const number = Math.fround(power * middle);
      numbers.push(number, ...(signed ? [-number] : []));
    }
  }
  return Float32Array.from(numbers).sort();
}

/** Of `parts` equal parts of [0.1, 1], in float32 and from both ends, as torch.linspace computes them. */
function middles(parts: number): number[] {
  const low = Math.fround(0.1);
  const width = Math.fround(Math.fround(1 - low) / parts);
  const boundaries = Array.from({ length: parts + 1 }, (_, i) =>
    Math.fround(i < (parts + 1) / 2 ? low + width * i : 1 - width * (parts - i)),
  );
  return boundaries.slice(1).map((to, i) => Math.fround(Math.fround(boundaries[i]! + to) / 2));
}
