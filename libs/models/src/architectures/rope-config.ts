import type { ConfigReader } from './config-reader.js';
import type { Llama3Rule, LinearRule, Rope } from './rope.js';

/** What each rule needs beside theta, and how large it must be at least. */
const rules = {
  default: [],
  linear: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
} as const;

/** Fields of rules that are not supported (modeling_rope_utils.py, RopeParameters): with them a rule is another one. */
const foreign = [
  'attention_factor',
  'beta_fast',
  'beta_slow',
  'short_factor',
  'long_factor',
  'mscale',
  'mscale_all_dim',
  'mrope_section',
];

/**
 * Theta and scaling of config.json. As transformers reads them (RotaryEmbeddingConfigMixin): `rope_scaling` before
 * `rope_parameters`; theta in them before `rope_theta` at the top; the rule's name as `rope_type` or `type`;
 * `original_max_position_embeddings` at the top before the rule's own, without either `max_position_embeddings`.
 * What is missing, not finite or not implemented is reported to `read`.
 */
export function readRope(read: ConfigReader, headSize: number, positions: number): Rope {
  const name = read.isNull('rope_scaling') ? 'rope_parameters' : 'rope_scaling';
  const found = read.value(name) ?? {};
  if (typeof found !== 'object' || Array.isArray(found)) {
    read.report(name, 'must be an object', found, '{rope_type, rope_theta, factor, …}');
    return { theta: 10000, headSize, scaling: undefined };
  }
  const given = found as Record<string, unknown>;
  const number = (field: string, value: unknown, place = `${name}.${field}`): number => {
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    read.report(place, value == null ? 'is missing' : 'must be a positive number', value);
    return 1;
  };
  // A null is no absent field, neither here nor there.
  const theta =
    given.rope_theta === undefined
      ? number('rope_theta', read.value('rope_theta'), 'rope_theta')
      : number('rope_theta', given.rope_theta);
  const type = (given.rope_type ?? given.type ?? 'default') as keyof typeof rules;
  if (typeof type !== 'string' || !Object.hasOwn(rules, type)) {
    read.report(
      `${name}.rope_type`,
      'is a rotary scaling that is not supported',
      type,
      Object.keys(rules).join(', '),
    );
    return { theta, headSize, scaling: undefined };
  }
  for (const [field, value] of Object.entries(given)) reportForeign(read, name, type, field, value);
  if (type === 'default') return { theta, headSize, scaling: undefined };

  const context =
    read.value('original_max_position_embeddings') ?? given.original_max_position_embeddings ?? positions;
  const values = { ...given, original_max_position_embeddings: context };
  const scaling = Object.fromEntries(
    rules[type].map((field) => [field, number(field, (values as Record<string, unknown>)[field])]),
  );
  if (type === 'llama3' && scaling.high_freq_factor! <= scaling.low_freq_factor! && !read.problems.length) {
    read.report(
      `${name}.high_freq_factor`,
      'must be greater than low_freq_factor',
      scaling.high_freq_factor,
      `more than ${scaling.low_freq_factor}`,
    );
  }
  return { theta, headSize, scaling: { ...scaling, rope_type: type } as unknown as Llama3Rule | LinearRule };
}

function reportForeign(
  read: ConfigReader,
  name: string,
  type: keyof typeof rules,
  field: string,
  value: unknown,
): void {
  if (value === null || value === undefined) return;
  if (field === 'partial_rotary_factor' && value !== 1)
    read.report(`${name}.${field}`, 'is not supported: all elements of a head are rotated', value, '1');
  else if (foreign.includes(field))
    read.report(`${name}.${field}`, `is not a part of the rotary scaling ${type}`, value);
  else if (field === 'factor' && type === 'default' && value !== 1)
    read.report(`${name}.rope_type`, 'is missing, though there is a factor', undefined, 'linear, llama3');
  else if (typeof value === 'object' && !Array.isArray(value))
    read.report(`${name}.${field}`, 'positions that differ by the kind of layer are not supported', value);
}
