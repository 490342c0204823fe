import type { Problem } from '@temper/contracts';
import type { LoraSpec } from './schema/index.js';

/** PEFT's adapter_config.json (LoraConfig). */
export type AdapterConfig = Readonly<Record<string, unknown>>;

/** What is made of a field: `read` here, `off` in all that is supported, or `free`: what the weights are does not depend on it. */
type Use = 'read' | 'off' | 'free';

/** Every field of PEFT 0.21's LoraConfig (tuners/lora/config.py). */
export const adapterFields: Readonly<Record<string, Use>> = {
  peft_type: 'read',
  r: 'read',
  lora_alpha: 'read',
  // The file's weights name the modules; patterns, layers and exclusions have done their work.
  target_modules: 'free',
  exclude_modules: 'free',
  layers_to_transform: 'free',
  layers_pattern: 'free',
  modules_to_save: 'read',
  init_lora_weights: 'read',
  bias: 'read',
  // Of the training that made it.
  lora_dropout: 'free',
  task_type: 'free',
  auto_mapping: 'free',
  peft_version: 'free',
  base_model_name_or_path: 'free',
  revision: 'free',
  inference_mode: 'free',
  runtime_config: 'free',
  megatron_core: 'free',
  qalora_group_size: 'free',
  // How the first values were found; where the base's weights changed with them, init_lora_weights says so.
  loftq_config: 'free',
  eva_config: 'free',
  corda_config: 'free',
  lora_ga_config: 'free',
  // Other products, other factors, or further weights.
  fan_in_fan_out: 'off',
  use_rslora: 'off',
  use_dora: 'off',
  use_qalora: 'off',
  use_bdlora: 'off',
  lora_bias: 'off',
  rank_pattern: 'off',
  alpha_pattern: 'off',
  layer_replication: 'off',
  trainable_token_indices: 'off',
  target_parameters: 'off',
  alora_invocation_tokens: 'off',
  megatron_config: 'off',
  velora_config: 'off',
  monteclora_config: 'off',
  arrow_config: 'off',
  kasa_config: 'off',
  ensure_weight_tying: 'off',
};

/** First values after which the base's weights are as they were. */
const plainStarts: readonly unknown[] = [true, false, null, undefined, 'gaussian', 'orthogonal', 'eva'];

/** The heads that PEFT always saves whole for classification, whether the model has a module of that name or not. */
const standardHeads = ['classifier', 'score'];

/** What of an adapter's configuration differs from the spec, or is not supported; `heads` are modules that are trained whole. */
export function configProblems(config: AdapterConfig, spec: LoraSpec, heads: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const differs = (path: string, found: unknown, name: string) =>
    problems.push({
      path,
      message: 'differs from the adapter to start from',
      found: String(found),
      allowed: `${shown(config[name])} (${name} in adapter_config.json)`,
    });
  const unsupported = (name: string, allowed?: string) =>
    problems.push({
      path: 'method.initFrom',
      message: `the adapter uses ${name}, which is not supported`,
      found: shown(config[name]),
      ...(allowed ? { allowed } : {}),
    });
  if (config.peft_type !== 'LORA') differs('method.type', 'lora', 'peft_type');
  if (config.r !== spec.r) differs('method.r', spec.r, 'r');
  if (config.lora_alpha !== spec.alpha) differs('method.alpha', spec.alpha, 'lora_alpha');
  if ((config.bias ?? 'none') !== 'none') unsupported('bias', 'none');
  if (!plainStarts.includes(config.init_lora_weights))
    unsupported('init_lora_weights', 'true, gaussian, eva');
  const whole = Array.isArray(config.modules_to_save) ? (config.modules_to_save as unknown[]) : [];
  const isHead = (module: unknown) =>
    standardHeads.includes(module as string) ||
    heads.some((head) => head === module || head.endsWith(`.${module}`));
  if (!whole.every(isHead)) unsupported('modules_to_save', [...heads, ...standardHeads].join(', '));
  for (const [name, value] of Object.entries(config)) {
    const use = Object.hasOwn(adapterFields, name) ? adapterFields[name] : 'off';
    if (use === 'off' && !isOff(value)) unsupported(name);
  }
  return problems;
}

const isOff = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.keys(value).length === 0);

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);
