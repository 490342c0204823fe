import { checkModel, type HfConfig } from '@temper/models';
import { modulesOf } from '@temper/models/architectures/family';
import { recognize } from '@temper/models/architectures/registry';
import { modelLimits } from '@temper/data/tokens/model-limits';
import { damaged } from '../bytes.js';
import { faulty } from '../json.js';
import type { Parser } from '../parser.js';
import { modelFile, parsed } from './goldens.js';

const models = ['bert-tiny', 'llama-tiny', 'llama3-tiny', 'mistral-tiny', 'bert-bare'].map((name) => ({
  config: parsed(modelFile(`${name}/config.json`)),
  weights: modelFile(`${name}/model.safetensors`),
}));

/** Fields that the golden models lack, of which much follows. */
const more = {
  rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
  rope_parameters: { rope_type: 'linear', factor: 2, rope_theta: 10_000 },
  sliding_window: 4096,
  head_dim: 8,
  id2label: { 0: 'a', 1: 'b' },
  quantization_config: { quant_method: 'gptq' },
  tie_word_embeddings: true,
  partial_rotary_factor: 0.5,
};

/** config.json of a whole model; head and weights follow from it, so all that reads it is reached. */
export const config: Parser = {
  name: 'config',
  inputs: 20_000,
  make: (random) => {
    const { config: fields, weights } = random.pick(models);
    const extra = random.pick(Object.entries(more));
    const whole = random.chance(0.5) ? { ...fields, [extra[0]]: extra[1] } : fields;
    const text = Buffer.from(faulty(whole, random));
    return {
      task: random.pick(['causal-lm', 'sequence-classification']),
      files: {
        'config.json': random.chance(0.15) ? damaged(text, random) : text,
        'model.safetensors': weights,
      },
    };
  },
  read: async ({ task, files }, folder) => {
    await modelLimits(folder);
    await checkModel(folder, task as 'causal-lm');
    // With other weights, what follows from the settings alone.
    const { family, settings } = recognize(JSON.parse(String(files!['config.json'])) as HfConfig, folder);
    return [
      modulesOf(family, settings, { task: task as 'causal-lm', labels: 2 }),
      family.maxPositions(settings),
    ];
  },
};
