import type { Problem } from '@temper/contracts';

/** PEFT's adapter_config.json. */
export type AdapterConfig = Readonly<Record<string, unknown>>;

/**
 * What is made of a field: `read`, `free` (what the weights are does not depend on it), `off` in all that is supported, or one of
 * few values.
 */
export type FieldUse =
  'read' | 'off' | 'free' | { readonly only: readonly unknown[]; /** In words. */ readonly why?: string };

/** Fields of every PEFT configuration (PeftConfigMixin), which say nothing about the weights. */
export const commonFields = {
  peft_type: 'read',
  task_type: 'free',
  auto_mapping: 'free',
  peft_version: 'free',
  base_model_name_or_path: 'free',
  revision: 'free',
  inference_mode: 'free',
} as const satisfies Readonly<Record<string, FieldUse>>;

/** What of a configuration is not supported: fields that change what is computed, and those that are not known. */
export function fieldProblems(config: AdapterConfig, fields: Readonly<Record<string, FieldUse>>): Problem[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const use = Object.hasOwn(fields, name) ? fields[name]! : 'off';
    if (use === 'read' || use === 'free') return [];
    const { only, why } = use === 'off' ? {} : use;
    if (only ? only.includes(value) : isOff(value)) return [];
    const problem = {
      path: 'method.initFrom',
      message: `the adapter uses ${name}, which is not supported`,
      found: shown(value),
    };
    const allowed = only
      ?.filter((one) => one !== null)
      .map(String)
      .join(', ');
    return [{ ...problem, ...(allowed ? { allowed } : {}), ...(why ? { hint: why } : {}) }];
  });
}

const isOff = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.keys(value).length === 0);

export const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);
