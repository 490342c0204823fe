import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemperError, type LoraSpec, type Problem } from '@temper/contracts';
import { parseSafetensors, shownShape, toFloat32 } from '@temper/models';

/** The part of PEFT's adapter_config.json that decides what the weights mean. */
interface AdapterConfig {
  readonly peft_type?: string;
  readonly r?: number;
  readonly lora_alpha?: number;
  readonly [option: string]: unknown;
}

/** Variants of LoRA that train something else: they must be off. */
const variants = [
  'use_dora',
  'use_rslora',
  'use_qalora',
  'use_bdlora',
  'lora_bias',
  'fan_in_fan_out',
  'rank_pattern',
  'alpha_pattern',
  'trainable_token_indices',
];

/**
 * The weights of a PEFT adapter by their names, checked against the spec and the shapes that the graph needs. All that
 * does not fit is reported at once as SPEC_INVALID. Weights of the task head (`optional`) may be missing: then the base's are
 * used; of a head for other classes (`ignored`) nothing is read.
 */
export function loadAdapter(
  folder: string,
  spec: LoraSpec,
  shapes: ReadonlyMap<string, readonly number[]>,
  { optional, ignored }: { readonly optional: readonly string[]; readonly ignored: readonly string[] },
): Map<string, Float32Array> {
  const config = readConfig(folder);
  const problems = configProblems(folder, config, spec);
  const file = 'adapter_model.safetensors';
  const tensors = new Map(
    [...parseSafetensors(join(folder, file), readFile(folder, file))].map(([name, tensor]) => [
      // Adapters saved inside a training loop keep the adapter's name in the weights'.
      name.replace('.default.', '.').replace('.modules_to_save.', '.'),
      tensor,
    ]),
  );
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    if (ignored.includes(name)) continue;
    const tensor = tensors.get(name);
    const data = tensor && toFloat32(tensor.dtype, tensor.data);
    const problem = { path: `${file}: ${name}` };
    if (!tensor) {
      if (!optional.includes(name)) {
        problems.push({ ...problem, message: 'missing from the adapter', allowed: shownShape(shape) });
      }
    } else if (shownShape(tensor.shape) !== shownShape(shape) || !data) {
      problems.push({
        ...problem,
        message: 'has another shape or type than the spec and the base model ask for',
        found: `${tensor.dtype} ${shownShape(tensor.shape)}`,
        allowed: `F32 ${shownShape(shape)}`,
      });
    } else weights.set(name, data);
  }
  const surplus = [...tensors.keys()].filter((name) => !shapes.has(name));
  if (surplus.length) {
    problems.push({
      path: 'method.targetModules',
      message: `leaves out ${surplus.length} weights of the adapter`,
      found: surplus.slice(0, 3).join(', '),
      allowed: JSON.stringify(config.target_modules),
    });
  }
  if (problems.length) throw new TemperError('SPEC_INVALID', problems);
  return weights;
}

function configProblems(folder: string, config: AdapterConfig, spec: LoraSpec): Problem[] {
  const problems: Problem[] = [];
  const differs = (path: string, found: unknown, allowed: unknown) =>
    problems.push({
      path,
      message: `differs from the adapter in ${folder}`,
      found: String(found),
      allowed: String(allowed),
    });
  if (config.peft_type !== 'LORA') differs('method.type', 'lora', config.peft_type);
  if (config.r !== spec.r) differs('method.r', spec.r, config.r);
  if (config.lora_alpha !== spec.alpha) differs('method.alpha', spec.alpha, config.lora_alpha);
  for (const option of variants) {
    const value = config[option];
    const off = !value || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!off) {
      problems.push({
        path: 'method.initFrom',
        message: `the adapter uses ${option}, which is not supported`,
        found: JSON.stringify(value),
      });
    }
  }
  return problems;
}

function readConfig(folder: string): AdapterConfig {
  const text = readFile(folder, 'adapter_config.json').toString('utf8');
  try {
    return JSON.parse(text) as AdapterConfig;
  } catch (cause) {
    throw new TemperError(
      'SPEC_INVALID',
      { path: 'method.initFrom', message: 'adapter_config.json is not JSON', found: text.slice(0, 40) },
      { cause },
    );
  }
}

function readFile(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (cause) {
    throw new TemperError(
      'SPEC_INVALID',
      {
        path: 'method.initFrom',
        message: `no ${name} in this folder`,
        found: folder,
        allowed: 'a folder saved by PEFT: adapter_config.json and adapter_model.safetensors',
      },
      { cause },
    );
  }
}
