import type { ConfigReader } from './config-reader.js';
import type { Llama3Rule, LongRule, ScalingRule, YarnRule } from './rope.js';

/** The fields of one rule; what is missing or no number is reported, and is 1. */
export class RuleFields {
  constructor(
    readonly read: ConfigReader,
    readonly name: string,
    readonly given: Readonly<Record<string, unknown>>,
  ) {}

  number(field: string): number {
    return this.check(`${this.name}.${field}`, this.given[field]);
  }

  /** transformers takes `absent` for a null too. */
  numberOr(field: string, absent: number): number {
    return this.given[field] == null ? absent : this.number(field);
  }

  check(path: string, value: unknown): number {
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    this.read.report(path, value == null ? 'is missing' : 'must be a positive number', value);
    return 1;
  }
}

interface Around {
  /** The positions that the model was first trained with. */
  context(): number;
  readonly positions: number;
  readonly theta: number;
  /** Elements of a head that are rotated. */
  readonly size: number;
}

export interface RuleReader {
  /** Its fields that other rules do not have. */
  readonly known: readonly string[];
  /** undefined: frequencies stay as they are. */
  readonly rule?: (fields: RuleFields, around: Around) => ScalingRule | undefined;
}

/** By transformers' names (modeling_rope_utils.py, ROPE_INIT_FUNCTIONS). */
export const scalingRules = {
  default: { known: [] },
  linear: { known: [], rule: (fields) => ({ rope_type: 'linear', factor: fields.number('factor') }) },
  // Theta grows with sequences longer than max_position_embeddings, which is the longest here; up to it nothing changes.
  dynamic: {
    known: [],
    rule: (fields) => {
      fields.number('factor');
      return undefined;
    },
  },
  llama3: { known: [], rule: llama3 },
  yarn: {
    known: ['attention_factor', 'beta_fast', 'beta_slow', 'mscale', 'mscale_all_dim', 'truncate'],
    rule: yarn,
  },
  longrope: { known: ['short_factor', 'long_factor', 'attention_factor'], rule: longrope },
} satisfies Record<string, RuleReader>;
export type RuleName = keyof typeof scalingRules;

function llama3(fields: RuleFields, { context }: Around): Llama3Rule {
  const { read, name } = fields;
  const rule: Llama3Rule = {
    rope_type: 'llama3',
    factor: fields.number('factor'),
    low_freq_factor: fields.number('low_freq_factor'),
    high_freq_factor: fields.number('high_freq_factor'),
    original_max_position_embeddings: context(),
  };
  const { low_freq_factor: low, high_freq_factor: high } = rule;
  if (high <= low && !read.problems.length)
    read.report(`${name}.high_freq_factor`, 'must be greater than low_freq_factor', high, `more than ${low}`);
  return rule;
}

/** 0.1·m·ln(factor) + 1 */
const magnitude = (factor: number, m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);

function yarn(fields: RuleFields, { context, theta }: Around): YarnRule {
  const { read, name, given } = fields;
  // The ramp is over the logarithm of theta.
  if (theta <= 1) read.report(`${name}.rope_theta`, 'must be more than 1 for the scaling yarn', theta);
  const factor = fields.number('factor');
  // A scale that is absent or 0 leaves both out.
  const scale = (field: string) => (given[field] === 0 ? 0 : fields.numberOr(field, 0));
  const [m, all] = [scale('mscale'), scale('mscale_all_dim')];
  const usual = m && all ? magnitude(factor, m) / magnitude(factor, all) : magnitude(factor, 1);
  const { truncate = true } = given;
  if (typeof truncate !== 'boolean') read.report(`${name}.truncate`, 'must be true or false', truncate);
  return {
    rope_type: 'yarn',
    factor,
    original_max_position_embeddings: context(),
    beta_fast: fields.numberOr('beta_fast', 32),
    beta_slow: fields.numberOr('beta_slow', 1),
    attention_factor: fields.numberOr('attention_factor', usual),
    truncate: truncate !== false,
  };
}

function longrope(fields: RuleFields, { context, positions, size }: Around): LongRule {
  const { read, name, given } = fields;
  const divisors = (field: string): number[] => {
    const found = given[field];
    const fits =
      Array.isArray(found) &&
      found.length === size / 2 &&
      found.every((value) => typeof value === 'number' && value > 0 && Number.isFinite(value));
    if (fits) return found as number[];
    read.report(`${name}.${field}`, 'must be a list of positive numbers', found, `${size / 2} numbers`);
    return [];
  };
  divisors('long_factor');
  const original = context();
  if (original <= 1) read.report(`${name}.original_max_position_embeddings`, 'must be more than 1', original);
  const factor = fields.numberOr('factor', positions / original);
  const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
  return {
    rope_type: 'longrope',
    short_factor: divisors('short_factor'),
    attention_factor: fields.numberOr('attention_factor', usual),
    longest: original,
  };
}
