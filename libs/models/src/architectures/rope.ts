/** Llama 3's rule for longer contexts (config.json: `rope_scaling`). */
export interface Llama3Rule {
  readonly rope_type: 'llama3';
  readonly factor: number;
  readonly low_freq_factor: number;
  readonly high_freq_factor: number;
  readonly original_max_position_embeddings: number;
}
export interface LinearRule {
  readonly rope_type: 'linear';
  readonly factor: number;
}
export interface Rope {
  readonly theta: number;
  readonly headSize: number;
  readonly scaling: Llama3Rule | LinearRule | undefined;
}

/** θ^(−2i/d) for i < d/2. */
const plainFrequencies = (theta: number, headSize: number) =>
  Array.from({ length: headSize / 2 }, (_, i) => theta ** ((-2 * i) / headSize));

/**
 * By what each frequency is divided: nothing where the wave is short, `factor` where it is longer than the original context,
 * a blend in between (transformers: modeling_rope_utils, _compute_llama3_parameters).
 */
export function llama3Factors(rule: Llama3Rule, theta: number, headSize: number): number[] {
  const {
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: context,
  } = rule;
  return plainFrequencies(theta, headSize).map((frequency) => {
    const waveLength = (2 * Math.PI) / frequency;
    if (waveLength < context / high) return 1;
    if (waveLength > context / low) return factor;
    const smooth = (context / waveLength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/**
 * cos and sin of position·frequency, each [positions, d/2] row-major. Angles are rounded to float32 on the way, as
 * PyTorch does: at position 1,000 the difference would show in the fifth digit.
 */
export function rotaryTables(rope: Rope, positions: number): { cos: Float32Array; sin: Float32Array } {
  const { theta, headSize, scaling } = rope;
  const divisors =
    scaling?.rope_type === 'llama3'
      ? llama3Factors(scaling, theta, headSize)
      : Array.from({ length: headSize / 2 }, () => scaling?.factor ?? 1);
  const frequencies = plainFrequencies(theta, headSize).map((f, i) =>
    Math.fround(Math.fround(f) / divisors[i]!),
  );
  const cos = new Float32Array(positions * frequencies.length);
  const sin = new Float32Array(cos.length);
  for (let position = 0; position < positions; position++) {
    for (const [i, frequency] of frequencies.entries()) {
      const angle = Math.fround(position * frequency);
      cos[position * frequencies.length + i] = Math.cos(angle);
      sin[position * frequencies.length + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
