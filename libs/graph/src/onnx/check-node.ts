/** What every operator's declaration says about its nodes: arities, element types, attributes. Its own inference looks at the shapes. */
import type { AttributeValue, OpDefinition } from '../ops/definition.js';
import type { ElementTypes, InputTypes } from '../ops/element-types.js';
import { formatAttribute } from './print.js';
import type { Value } from './types.js';
import { dataTypes } from './types.js';

export interface CheckedNode {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: object;
  readonly outputCount: number;
}
/** Throws; names operator and node. */
export type Fail = (message: string, details?: { found?: string; allowed?: string }) => never;

export function checkNode(node: CheckedNode, definition: OpDefinition<object>, fail: Fail): void {
  checkArity(node, definition, fail);
  checkTypes(node.inputs, definition, fail);
  checkAttributes(node, definition, fail);
}

function checkArity(node: CheckedNode, definition: OpDefinition<object>, fail: Fail): void {
  const counts = { inputs: node.inputs.length, outputs: node.outputCount };
  for (const side of ['inputs', 'outputs'] as const) {
    const [fewest, most] = definition[side];
    if (counts[side] < fewest || counts[side] > most)
      fail(`wrong number of ${side}`, { found: `${counts[side]}`, allowed: `${fewest} to ${most}` });
  }
}

function checkTypes(
  inputs: readonly (Value | undefined)[],
  { types }: OpDefinition<object>,
  fail: Fail,
): void {
  /** Which input first had the type of that name. */
  const bound = new Map<string, { value: Value; index: number }>();
  inputs.forEach((value, index) => {
    if (!value) return;
    const { name, set } = declared(types[Math.min(index, types.length - 1)]!);
    const refuse = (allowed: string) =>
      fail(`input ${index} (${value.name}) has a wrong type`, { found: value.dtype, allowed });
    if (set && !set.includes(value.dtype)) refuse(set.join(', '));
    const first = name === undefined ? undefined : bound.get(name);
    if (first && first.value.dtype !== value.dtype)
      refuse(`${first.value.dtype}, the type of input ${first.index} (${first.value.name})`);
    if (name !== undefined && !first) bound.set(name, { value, index });
  });
}

function declared(entry: InputTypes): { name?: string; set?: ElementTypes } {
  if (typeof entry === 'string') return { name: entry };
  if (isSet(entry)) return { set: entry };
  const [name, set] = Object.entries(entry)[0]!;
  return { name, set };
}

const isSet = (entry: InputTypes): entry is ElementTypes => Array.isArray(entry);

function checkAttributes(node: CheckedNode, definition: OpDefinition<object>, fail: Fail): void {
  const kinds = definition.attributes as Readonly<Record<string, string>>;
  const choices = (definition.choices ?? {}) as Readonly<Record<string, readonly AttributeValue[]>>;
  const given = node.attributes as Readonly<Record<string, AttributeValue | undefined>>;
  for (const key of Object.keys(given))
    if (!Object.hasOwn(kinds, key))
      fail(`unknown attribute ${key}`, { allowed: Object.keys(kinds).join(', ') || 'none' });
  for (const [key, kind] of Object.entries(kinds)) {
    const value = given[key];
    if (value === undefined) {
      if (kind.startsWith('required ')) fail(`attribute ${key} is missing`);
      continue;
    }
    const { fits, allowed } = kindRules[kind.replace('required ', '') as keyof typeof kindRules];
    const rank = node.inputs[0]?.shape.length ?? 0;
    if (!fits(value, rank))
      fail(`attribute ${key} has a wrong value`, { found: shown(value), allowed: allowed(rank) });
    if (choices[key]?.includes(value) === false)
      fail(`attribute ${key} has a wrong value`, { found: shown(value), allowed: choices[key].join(', ') });
  }
}

const shown = (value: AttributeValue) => (typeof value === 'string' ? value : formatAttribute(value));
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

interface KindRule {
  fits(value: AttributeValue, rank: number): boolean;
  allowed(rank: number): string;
}

const kindRules = {
  int: { fits: isInteger, allowed: () => 'a whole number' },
  flag: { fits: (value) => value === 0 || value === 1, allowed: () => '0, 1' },
  axis: {
    fits: (value, rank) => isInteger(value) && value >= -rank && value < rank,
    allowed: (rank) => (rank === 0 ? 'none: the input is a scalar' : `-${rank} to ${rank - 1}`),
  },
  float: { fits: Number.isFinite, allowed: () => 'a finite number' },
  ints: {
    fits: (value) => Array.isArray(value) && value.every(isInteger),
    allowed: () => 'a list of whole numbers',
  },
  string: { fits: (value) => typeof value === 'string', allowed: () => 'a text' },
  dtype: {
    fits: (value) => (dataTypes as readonly AttributeValue[]).includes(value),
    allowed: () => dataTypes.join(', '),
  },
} satisfies Record<string, KindRule>;
