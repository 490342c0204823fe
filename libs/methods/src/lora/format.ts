import type { Adaptable } from '@temper/models';
import { commonFields } from '../adapter/config-fields.js';
import { modulesToSaveOf, wholeShapes } from '../adapter/modules-to-save.js';
import type { AdapterFormat } from '../method.js';
import type { LoraFields } from '../schema/lora.js';
import { namesInConfig } from '../targets.js';
import { mergeLora } from './merge.js';
import {
  adaptedModules,
  factorNames,
  modulesOf,
  refuseTables,
  settingsOf,
  sizesOf,
  updateOf,
} from './settings.js';

/** First values after which the base's weights are as they were. */
const plainStarts = [true, false, null, 'gaussian', 'orthogonal', 'eva'];

/** PEFT 0.21's LoraConfig (tuners/lora/config.py). */
export const loraFormat: AdapterFormat<LoraFields> = {
  peftType: 'LORA',

  fields: {
    ...commonFields,
    r: 'read',
    lora_alpha: 'read',
    lora_dropout: 'read',
    // The file's weights name the modules; patterns, layers and exclusions have done their work.
    target_modules: 'free',
    exclude_modules: 'free',
    layers_to_transform: 'free',
    layers_pattern: 'free',
    modules_to_save: 'read',
    init_lora_weights: { only: plainStarts },
    bias: { only: ['none', null] },
    use_rslora: 'read',
    use_dora: 'read',
    rank_pattern: 'read',
    alpha_pattern: 'read',
    // What follows from the base's layers.
    fan_in_fan_out: 'free',
    // Of the training that made it.
    runtime_config: 'free',
    megatron_core: 'free',
    qalora_group_size: 'free',
    // How the first values were found; where the base's weights changed with them, init_lora_weights says so.
    loftq_config: 'free',
    eva_config: 'free',
    corda_config: 'free',
    lora_ga_config: 'free',
    // Other products, other factors, or further weights.
    use_qalora: 'off',
    use_bdlora: 'off',
    lora_bias: 'off',
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
  },

  read({ config }) {
    const saved = modulesToSaveOf(config);
    const patterns = (name: string) => config[name] as Record<string, number> | undefined;
    const fixed = {
      // PEFT's own where a file does not say.
      r: (config.r ?? 8) as number,
      alpha: (config.lora_alpha ?? 8) as number,
      useRslora: (config.use_rslora ?? false) as boolean,
      useDora: (config.use_dora ?? false) as boolean,
      ...(hasKeys(patterns('rank_pattern')) ? { rankPattern: patterns('rank_pattern')! } : {}),
      ...(hasKeys(patterns('alpha_pattern')) ? { alphaPattern: patterns('alpha_pattern')! } : {}),
      ...(saved.length ? { modulesToSave: saved } : {}),
    };
    return { fixed, free: { dropout: (config.lora_dropout ?? 0) as number } };
  },

  modules: ({ weights }) => modulesOf(weights.keys()),

  shapes(spec, model, adapter) {
    const settings = settingsOf(spec);
    const shapes = new Map<string, readonly number[]>(wholeShapes(model.modules, spec.modulesToSave));
    const chosen = adaptedModules(spec, model, adapter);
    refuseTables(spec, chosen);
    for (const module of chosen) {
      const { r } = updateOf(settings, module.name);
      const [inputs, outputs] = sizesOf(module);
      const names = factorNames(module);
      shapes.set(names.a, [r, inputs]).set(names.b, [outputs, r]);
      if (spec.useDora) shapes.set(names.magnitude, [outputs]);
    }
    return shapes;
  },

  config(spec, model, weights) {
    const { r, alpha, dropout, useDora, useRslora, rankPattern, alphaPattern } = settingsOf(spec);
    const adapted = modulesOf(weights.keys());
    return {
      alpha_pattern: alphaPattern ?? {},
      bias: 'none',
      fan_in_fan_out: isInOut(model, new Set(adapted)),
      init_lora_weights: true,
      lora_alpha: alpha,
      lora_dropout: dropout,
      r,
      rank_pattern: rankPattern ?? {},
      target_modules: namesInConfig(spec, model.modules, adapted),
      use_dora: useDora ?? false,
      use_rslora: useRslora ?? false,
    };
  },

  merge: mergeLora,
};

const isInOut = ({ modules }: Adaptable, adapted: ReadonlySet<string>): boolean =>
  modules.some(
    (module) => module.type === 'linear' && module.layout === 'in-out' && adapted.has(module.name),
  );

const hasKeys = (value: object | undefined): boolean => !!value && Object.keys(value).length > 0;
