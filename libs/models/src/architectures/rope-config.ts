import type { ConfigReader } from './config-reader.js';
import type { Rope, ScalingRule } from './rope.js';
import { RuleFields, scalingRules, type RuleName, type RuleReader } from './rope-rules.js';

export interface RopeOptions {
  /** Elements of a head. */
  readonly headSize: number;
  /** `max_position_embeddings` */
  readonly positions: number;
  /** The share of them that is rotated, where the rule itself does not say it; undefined: all are, whatever it says. */
  readonly partial?: number | undefined;
}

/**
 * Theta and scaling of config.json. As transformers reads them (RotaryEmbeddingConfigMixin): `rope_scaling` before
 * `rope_parameters`; theta in them before `rope_theta` at the top; the rule's name as `rope_type` or `type`;
 * `original_max_position_embeddings` at the top before the rule's own, without either `max_position_embeddings`.
 * What is missing, not finite or not implemented is reported to `read`.
 */
export function readRope(read: ConfigReader, options: RopeOptions): Rope {
  const name = read.isNull('rope_scaling') ? 'rope_parameters' : 'rope_scaling';
  const found = read.value(name) ?? {};
  return ropeOf(read, { name, found, theta: 'rope_theta' }, options);
}

/** Where a rope is said. */
export interface RopePlace {
  /** The path of the object, for messages. */
  readonly name: string;
  readonly found: unknown;
  /** The field of config.json that says theta where the object does not; or theta itself. */
  readonly theta: string | number;
}

export function ropeOf(
  read: ConfigReader,
  { name, found, theta: at }: RopePlace,
  options: RopeOptions,
): Rope {
  const { headSize, positions, partial } = options;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    read.report(name, 'must be an object', found, '{rope_type, rope_theta, factor, …}');
    return { theta: 10000, size: headSize, scaling: undefined };
  }
  const given = found as Record<string, unknown>;
  const fields = new RuleFields(read, name, given);
  // A null is no absent field, neither here nor there.
  const absent = typeof at === 'string' ? () => fields.check(at, read.value(at)) : () => at;
  const theta = given.rope_theta === undefined ? absent() : fields.number('rope_theta');
  const size = partial === undefined ? headSize : sizeOf(fields, headSize, partial);
  const type = (given.rope_type ?? given.type ?? 'default') as RuleName;
  if (typeof type !== 'string' || !Object.hasOwn(scalingRules, type)) {
    const allowed = Object.keys(scalingRules).join(', ');
    read.report(`${name}.rope_type`, 'is a rotary scaling that is not supported', type, allowed);
    return { theta, size, scaling: undefined };
  }
  const { known, rule }: RuleReader = scalingRules[type];
  const own = partial === undefined ? known : [...known, 'partial_rotary_factor'];
  for (const [field, value] of Object.entries(given)) reportForeign(fields, type, own, field, value);
  const top = read.value('original_max_position_embeddings');
  const context = () =>
    fields.check(
      `${name}.original_max_position_embeddings`,
      top ?? given.original_max_position_embeddings ?? positions,
    );
  const scaling: ScalingRule | undefined = rule?.(fields, { context, positions, size, theta });
  return { theta, size, scaling };
}

/** An even number of elements, as transformers cuts it: int(headSize · factor). */
function sizeOf(fields: RuleFields, headSize: number, absent: number): number {
  const { partial_rotary_factor: found = absent } = fields.given;
  const size = typeof found === 'number' ? Math.trunc(headSize * found) : NaN;
  if (size > 0 && size <= headSize && size % 2 === 0) return size;
  fields.read.report(
    `${fields.name}.partial_rotary_factor`,
    'must leave an even number of elements of a head to rotate',
    found,
    `a share of ${headSize} from ${2 / headSize} to 1`,
  );
  return 2;
}

/** Fields of rules (modeling_rope_utils.py, RopeParameters): where they are no part of it, a rule is another one. */
const ofRules = [
  'attention_factor',
  'beta_fast',
  'beta_slow',
  'short_factor',
  'long_factor',
  'mscale',
  'mscale_all_dim',
  'mrope_section',
  'truncate',
];

function reportForeign(
  { read, name }: RuleFields,
  type: RuleName,
  known: readonly string[],
  field: string,
  value: unknown,
): void {
  if (value === null || value === undefined || known.includes(field)) return;
  if (field === 'partial_rotary_factor' && value !== 1)
    read.report(`${name}.${field}`, 'is not supported: all elements of a head are rotated', value, '1');
  else if (ofRules.includes(field))
    read.report(`${name}.${field}`, `is not a part of the rotary scaling ${type}`, value);
  else if (field === 'factor' && type === 'default' && value !== 1)
    read.report(`${name}.rope_type`, 'is missing, though there is a factor', undefined, 'linear, llama3');
  else if (typeof value === 'object' && !Array.isArray(value))
    read.report(`${name}.${field}`, 'positions that differ by the kind of layer are not supported', value);
}
