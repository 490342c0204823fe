import { adapter } from './adapter-method.js';
import { full } from './full.js';
import { ia3 } from './ia3.js';
import { lnTuning } from './ln-tuning.js';
import { loha } from './loha.js';
import { lora } from './lora/lora.js';
import { prefixTuning } from './prefix-tuning.js';
import { promptTuning } from './prompt-tuning.js';
import { qlora } from './qlora.js';
import { vera } from './vera.js';
import type { AdapterFormat, Method } from './method.js';
import type { MethodSpec, MethodType, SpecOf } from './schema/index.js';

/** A method without an entry is a type error. */
const methods: { readonly [T in MethodType]: Method<T> } = {
  full,
  lora,
  qlora,
  ia3,
  'ln-tuning': lnTuning,
  loha,
  vera,
  adapter,
  'prompt-tuning': promptTuning,
  'prefix-tuning': prefixTuning,
};

/** The method of a spec. */
export const methodOf = <T extends MethodType>({ type }: SpecOf<T>): Method<T> =>
  methods[type as T] as unknown as Method<T>;

/** The methods that keep their adapters as one of this `peft_type`, and every type that there is. */
export function methodsOfType(peftType: unknown): { methods: string[]; types: string[] } {
  const all = Object.entries(methods).flatMap(([name, { published }]) =>
    published === 'full' ? [] : [{ name, type: published.peftType }],
  );
  return {
    methods: all.filter(({ type }) => type === peftType).map(({ name }) => name),
    types: [...new Set(all.map(({ type }) => type))],
  };
}

/** How the adapter of a spec's method is kept; undefined where it makes none. */
export function adapterFormatOf(spec: MethodSpec): AdapterFormat<MethodSpec> | undefined {
  const { published } = methodOf<MethodType>(spec);
  return published === 'full' ? undefined : published;
}

/** Whether graphs hold values of the adapter to start from: weights of its own that are not trained. */
export const takesConstants = (spec: MethodSpec): boolean => adapterFormatOf(spec)?.untrained !== undefined;
