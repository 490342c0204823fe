import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeadKind } from '@temper/contracts';
import { headFacts } from '../head-kinds.js';
import { writeSafetensors, type TensorSource } from '../formats/safetensors.js';
import type { LowRank } from './merge.js';
import { copyTokenizer, writeJson, type ExportOptions } from './full.js';

const prefix = 'base_model.model.';

/**
 * Writes a folder that PeftModel.from_pretrained loads: adapter_config.json, adapter_model.safetensors (weights already
 * under PEFT's names), tokenizer files. `baseName` is what PEFT shows, and loads by itself, as the base model.
 */
export async function exportAdapter(
  folder: string,
  options: ExportOptions & {
    readonly method: LowRank & {
      readonly dropout: number;
      readonly targetModules?: readonly string[] | undefined;
    };
    readonly baseName?: string | undefined;
  },
): Promise<void> {
  const { model, task, method, weights, baseName } = options;
  const sources = [...weights].map(
    ([name, { shape, data }]) => [name, { dtype: 'F32', shape, data: data as Float32Array }] as const,
  );
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), new Map<string, TensorSource>(sources));
  await writeJson(join(folder, 'adapter_config.json'), {
    alpha_pattern: {},
    base_model_name_or_path: baseName ?? model.config._name_or_path ?? null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: method.alpha,
    lora_dropout: method.dropout,
    modules_to_save: modulesToSave(task, [...weights.keys()]),
    peft_type: 'LORA',
    r: method.r,
    rank_pattern: {},
    target_modules: [...(method.targetModules ?? adaptedModules([...weights.keys()]))].sort(),
    task_type: headFacts[task].peft.taskType,
    use_dora: false,
    use_rslora: false,
  });
  await copyTokenizer(model, folder, task);
}

/** Last parts of the names of the modules that have an adapter. */
function adaptedModules(names: readonly string[]): string[] {
  const found = names.flatMap((name) => /(?:^|\.)([^.]+)\.lora_A\.weight$/.exec(name)?.[1] ?? []);
  return [...new Set(found)];
}

/** PEFT's own list for the task, and what else was trained whole. */
function modulesToSave(task: HeadKind, names: readonly string[]): string[] | null {
  const whole = names
    .filter((name) => !/\.lora_[AB]\.weight$/.test(name))
    .map((name) => name.slice(prefix.length).replace(/\.(weight|bias)$/, ''));
  const standard = headFacts[task].peft.modulesToSave;
  // PEFT takes each module whose name ends so, and all that is in it.
  const covered = (module: string) =>
    module.split('.').some((part) => standard.some((name) => part.endsWith(name)));
  const modules = [...new Set([...standard, ...whole.filter((module) => !covered(module))])];
  return modules.length ? modules : null;
}
