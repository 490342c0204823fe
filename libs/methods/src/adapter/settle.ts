import { TemperError, type Problem } from '@temper/contracts';
import { methodSchemas, type MethodSpec } from '../schema/index.js';
import { adapterFormatOf, methodsOfType } from '../table.js';
import type { z } from 'zod';
import { endsAs } from '../targets.js';
import { fieldProblems, shown } from './config-fields.js';
import { readAdapter, type Adapter } from './read-adapter.js';

export interface Settled {
  /** What the spec leaves open is as the adapter says. */
  readonly spec: MethodSpec;
  /** Where the spec contradicts the adapter, and what of the adapter is not supported. */
  readonly problems: readonly Problem[];
}

/**
 * The spec of a method that starts from an adapter: r, alpha and all else come from there where the spec is silent.
 * @throws TemperError SPEC_INVALID where adapter_config.json has values that no spec could have
 */
export function settle(spec: MethodSpec, adapter: Adapter | undefined): Settled {
  const format = adapterFormatOf(spec);
  if (!adapter || !format) return { spec, problems: [] };
  const { peft_type: type } = adapter.config;
  if (type !== format.peftType) return { spec, problems: [otherType(spec, type)] };
  const { fixed, free } = format.read(adapter);
  const impossible = impossibleValues(spec, { ...free, ...fixed });
  if (impossible.length) throw new TemperError('SPEC_INVALID', impossible);
  const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  const contradicted = Object.entries(fixed).filter(
    ([field, value]) => given[field] !== undefined && !agree(given[field], value),
  );
  const contradictions = contradicted.map(([field, value]) =>
    differs(field, shown(given[field]), shown(value)),
  );
  return {
    // Weights are those of the adapter: that they do not fit what contradicts it is no news.
    spec: { ...free, ...fixed, ...given, ...Object.fromEntries(contradicted) } as MethodSpec,
    problems: [...contradictions, ...fieldProblems(adapter.config, format.fields)],
  };
}

/** The spec as an adapter settles it, which is in a folder or was read. */
export const settledBy = (spec: MethodSpec, adapter: string | Adapter | undefined): MethodSpec =>
  settle(spec, typeof adapter === 'string' ? adapterIn(adapter, spec) : adapter).spec;

/**
 * The adapter in a folder, read as one of the spec's method.
 * @throws TemperError as `readAdapter` does
 */
export const adapterIn = (folder: string, spec: MethodSpec): Adapter =>
  readAdapter(folder, adapterFormatOf(spec));

/** A value that the spec could not have either: training would make something of it that nobody meant. */
function impossibleValues({ type }: MethodSpec, values: object): Problem[] {
  const { shape } = methodSchemas[type].schema as { shape: Record<string, z.ZodType> };
  return Object.entries(values).flatMap(([field, value]) => {
    const { success, error } = shape[field]!.safeParse(value);
    if (success && value !== undefined) return [];
    const problem = {
      path: 'method.initFrom',
      message: `adapter_config.json says nothing usable of ${field}`,
    };
    return [{ ...problem, found: shown(value), ...(error ? { allowed: error.issues[0]!.message } : {}) }];
  });
}

/** The spec's own type has a default: to leave it out is no way to take the adapter's. */
function otherType({ type }: MethodSpec, found: unknown): Problem {
  const { methods, types } = methodsOfType(found);
  if (methods.length)
    return {
      path: 'method.type',
      message: 'differs from the adapter to start from',
      found: type,
      allowed: `${methods.join(' or ')} (adapter_config.json: peft_type ${shown(found)})`,
    };
  return {
    path: 'method.initFrom',
    message: 'the adapter is of a kind that is not supported',
    found: `peft_type ${shown(found)}`,
    allowed: types.join(', '),
  };
}

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
