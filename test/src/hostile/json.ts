import type { Random } from './random.js';
import { word, words } from './words.js';

/** JSON as it is written: keys may occur twice, numbers may be any, and a piece may be no JSON at all. */
export type Node =
  { readonly raw: string } | { readonly list: Node[] } | { readonly fields: [key: string, value: Node][] };

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { list: value.map(nodeOf) };
  if (typeof value === 'object' && value !== null) {
    return { fields: Object.entries(value).map(([key, one]) => [key, nodeOf(one)]) };
  }
  return { raw: JSON.stringify(value) ?? 'null' };
}

export function textOf(node: Node): string {
  if ('raw' in node) return node.raw;
  if ('list' in node) return `[${node.list.map(textOf).join(',')}]`;
  return `{${node.fields.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
}

const DEEP = 100_000;
const raws: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '2', '1.5', '1e308', '1e999', '-1e999', '0.1e-400'],
  ...['2147483647', '2147483648', '4294967296', '1000000000', '9007199254740991', '9007199254740993', '1e18'],
  ...['""', '[]', '{}', '[[]]', '[null]', '{"toString":1}', '{"__proto__":{"a":1}}', '{"constructor":1}'],
  ...['NaN', 'Infinity', 'undefined', '"\\ud800"', '"\\u0000"', '"a', '[1,', '01', '1.', "'a'", '/**/1'],
];

export const scalar = (random: Random): Node => {
  const kind = random.below(8);
  if (kind === 0) return { raw: JSON.stringify(word(random)) };
  if (kind === 1 && random.chance(0.05)) return { raw: '['.repeat(DEEP) + ']'.repeat(DEEP) };
  if (kind === 2 && random.chance(0.05)) return { raw: '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP) };
  if (kind === 4 && random.chance(0.05)) return { raw: long(random) };
  if (kind === 3) return { list: random.many(300, () => ({ raw: String(random.below(10)) })) };
  return { raw: random.pick(raws) };
};

/** Much of the same, closed or not: what takes the square of a length is found by that alone. */
function long(random: Random): string {
  const unit = random.pick(['x', '\\"', '\\n', ' ', '0', '"', '"a",', '-', 'é', '\\ud800', '<b>', '{{']);
  const text = unit.repeat(Math.ceil(random.pick([20_000, 300_000, 2_000_000]) / unit.length));
  return random.pick(['"', '', '[', '{"a":']) + text + random.pick(['"', '', ']', '\\']);
}

/** One to three faults, each at any place: another value, another key, a field twice, a field away, lists longer or shorter. */
export function faulty(value: unknown, random: Random, most = 3): string {
  const root = { list: [nodeOf(value)] };
  for (let faults = 1 + random.below(most); faults > 0; faults--) {
    const places = holders(root);
    change(random.pick(places), random);
  }
  return textOf(root.list[0] ?? { raw: '' });
}

type Holder = Exclude<Node, { raw: string }>;

function holders(node: Node): Holder[] {
  if ('raw' in node) return [];
  const inner = 'list' in node ? node.list : node.fields.map(([, value]) => value);
  return [node, ...inner.slice(0, 200).flatMap(holders)];
}

function change(holder: Holder, random: Random): void {
  if ('list' in holder) {
    const at = random.below(holder.list.length + 1);
    const more = random.chance(0.2) ? [scalar(random), scalar(random)] : [scalar(random)];
    holder.list.splice(at, random.chance(0.9) ? 1 : 0, ...(random.chance(0.1) ? [] : more));
    return;
  }
  const { fields } = holder;
  const at = random.below(fields.length || 1);
  const field = fields[at];
  switch (field ? random.below(8) : 0) {
    case 0:
      fields.push([random.pick(words), scalar(random)]);
      break;
    case 1:
      fields.splice(at, 1);
      break;
    case 2:
      fields.push([field![0], random.chance(0.5) ? field![1] : scalar(random)]);
      break;
    case 3:
      fields[at] = [word(random), field![1]];
      break;
    default:
      fields[at] = [field![0], scalar(random)];
  }
}
