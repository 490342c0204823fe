/** Every frequency is divided by `factor`. */
export interface LinearRule {
  readonly rope_type: 'linear';
  readonly factor: number;
}
/** Llama 3's rule for longer contexts (config.json: `rope_scaling`). */
export interface Llama3Rule {
  readonly rope_type: 'llama3';
  readonly factor: number;
  readonly low_freq_factor: number;
  readonly high_freq_factor: number;
  readonly original_max_position_embeddings: number;
}
/** YaRN (Peng et al. 2023): short waves stay, long ones are divided, a ramp in between; cos and sin are multiplied. */
export interface YarnRule {
  readonly rope_type: 'yarn';
  readonly factor: number;
  readonly original_max_position_embeddings: number;
  readonly beta_fast: number;
  readonly beta_slow: number;
  /** On cos and sin. */
  readonly attention_factor: number;
  /** The ramp begins and ends at whole numbers. */
  readonly truncate: boolean;
}
/** LongRoPE (Ding et al. 2024) within the original context: a divisor for each frequency; cos and sin are multiplied. */
export interface LongRule {
  readonly rope_type: 'longrope';
  readonly short_factor: readonly number[];
  readonly attention_factor: number;
  /** Of longer sequences transformers takes other divisors for all of their positions, so they are not fed. */
  readonly longest: number;
}
export type ScalingRule = LinearRule | Llama3Rule | YarnRule | LongRule;

export interface Rope {
  readonly theta: number;
  /** Elements of a head that are rotated, its first. */
  readonly size: number;
  readonly scaling: ScalingRule | undefined;
  /** Pairs that turn together are neighbours; else element i and i + size/2. */
  readonly interleaved?: true;
}

/** The longest sequence for which the tables hold; `positions` is what config.json says. */
export const longestFor = ({ scaling }: Rope, positions: number): number =>
  scaling?.rope_type === 'longrope' ? Math.min(positions, scaling.longest) : positions;

/** θ^(−2i/d) for i < d/2. */
const plainFrequencies = (theta: number, size: number) =>
  Array.from({ length: size / 2 }, (_, i) => theta ** ((-2 * i) / size));

/**
 * By what each frequency is divided: nothing where the wave is short, `factor` where it is longer than the original context,
 * a blend in between (transformers: modeling_rope_utils, _compute_llama3_parameters).
 */
export function llama3Factors(rule: Llama3Rule, theta: number, size: number): number[] {
  const {
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: context,
  } = rule;
  return plainFrequencies(theta, size).map((frequency) => {
    const waveLength = (2 * Math.PI) / frequency;
    if (waveLength < context / high) return 1;
    if (waveLength > context / low) return factor;
    const smooth = (context / waveLength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/** The same for YaRN (_compute_yarn_parameters): the ramp goes over the frequencies' numbers. */
export function yarnFactors(rule: YarnRule, theta: number, size: number): number[] {
  const { factor, original_max_position_embeddings: context, beta_fast, beta_slow, truncate } = rule;
  /** The number of the frequency whose wave turns so often in the original context. */
  const numberAt = (turns: number) =>
    (size * Math.log(context / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [from, to] = [numberAt(beta_fast), numberAt(beta_slow)];
  const low = Math.max(truncate ? Math.floor(from) : from, 0);
  const high = Math.min(truncate ? Math.ceil(to) : to, size - 1);
  const width = high === low ? 0.001 : high - low;
  return Array.from({ length: size / 2 }, (_, i) => {
    const ramp = Math.min(Math.max((i - low) / width, 0), 1);
    return 1 / (ramp / factor + 1 - ramp);
  });
}

const divisorsOf = ({ theta, size, scaling }: Rope): readonly number[] => {
  if (scaling?.rope_type === 'llama3') return llama3Factors(scaling, theta, size);
  if (scaling?.rope_type === 'yarn') return yarnFactors(scaling, theta, size);
  if (scaling?.rope_type === 'longrope') return scaling.short_factor;
  return Array.from({ length: size / 2 }, () => scaling?.factor ?? 1);
};

/**
 * cos and sin of position·frequency, each [positions, d/2] row-major. Angles are rounded to float32 on the way, as
 * PyTorch does: at position 1,000 the difference would show in the fifth digit.
 */
export function rotaryTables(rope: Rope, positions: number): { cos: Float32Array; sin: Float32Array } {
  const { theta, size, scaling } = rope;
  const divisors = divisorsOf(rope);
  const factor = scaling && 'attention_factor' in scaling ? scaling.attention_factor : 1;
  const frequencies = plainFrequencies(theta, size).map((f, i) => Math.fround(Math.fround(f) / divisors[i]!));
  const cos = new Float32Array(positions * frequencies.length);
  const sin = new Float32Array(cos.length);
  for (let position = 0; position < positions; position++) {
    for (const [i, frequency] of frequencies.entries()) {
      const angle = Math.fround(position * frequency);
      cos[position * frequencies.length + i] = Math.cos(angle) * factor;
      sin[position * frequencies.length + i] = Math.sin(angle) * factor;
    }
  }
  return { cos, sin };
}
