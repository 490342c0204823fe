import type { Problem } from '@temper/contracts';
import type { MethodSpec } from '../schema/index.js';
import { adapterFormatOf } from '../table.js';
import { endsAs } from '../targets.js';
import { fieldProblems, shown } from './config-fields.js';
import { readAdapter, type Adapter } from './read-adapter.js';

export interface Settled {
  /** What the spec leaves open is as the adapter says. */
  readonly spec: MethodSpec;
  /** Where the spec contradicts the adapter, and what of the adapter is not supported. */
  readonly problems: readonly Problem[];
}

/** The spec of a method that starts from an adapter: r, alpha and all else come from there where the spec is silent. */
export function settle(spec: MethodSpec, adapter: Adapter | undefined): Settled {
  const format = adapterFormatOf(spec);
  if (!adapter || !format) return { spec, problems: [] };
  const { peft_type: type } = adapter.config;
  if (type !== format.peftType) {
    const found = spec.type;
    return { spec, problems: [differs('type', found, shown(type))] };
  }
  const { fixed, free } = format.read(adapter);
  const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  const contradictions = Object.entries(fixed).flatMap(([field, value]) =>
    given[field] === undefined || agree(given[field], value)
      ? []
      : [differs(field, shown(given[field]), shown(value))],
  );
  return {
    spec: { ...free, ...fixed, ...given } as MethodSpec,
    problems: [...contradictions, ...fieldProblems(adapter.config, format.fields)],
  };
}

/** The spec as the adapter in a folder settles it. */
export const settledBy = (spec: MethodSpec, folder: string | undefined): MethodSpec =>
  folder === undefined ? spec : settle(spec, readAdapter(folder, adapterFormatOf(spec))).spec;

const differs = (field: string, found: string, allowed: string): Problem => ({
  path: `method.${field}`,
  message: 'differs from the adapter to start from',
  found,
  allowed: `${allowed} (adapter_config.json), or nothing: then it is the adapter's`,
});

/** A list of ends of names says what an adapter's list does where each stands for one of its names, and none is left: an export has them in full. */
const agree = (given: unknown, value: unknown): boolean =>
  isNames(given) && isNames(value)
    ? value.every((name) => given.some((end) => endsAs(name, end))) &&
      given.every((end) => value.some((name) => endsAs(name, end)))
    : canonical(given) === canonical(value);

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

/** Lists of names are sets, and the order of a mapping's keys is nobody's. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify([...(value as unknown[])].map(canonical).sort());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
