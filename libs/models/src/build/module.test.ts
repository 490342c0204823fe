import { describe, expect, it } from 'vitest';
import { modulesOf } from '../architectures/family.js';
import { recognize } from '../architectures/registry.js';
import { readConfig } from '../model.js';
import { goldenFolder } from '../testing.js';
import { parametersOf } from './module.js';

const kindsOf = async (folder: string, task: 'causal-lm' | 'sequence-classification') => {
  const { family, settings } = recognize(await readConfig(goldenFolder(folder)), folder);
  const parameters = parametersOf(modulesOf(family, settings, { task, labels: 3 }));
  return Object.fromEntries(parameters.map(({ name, kind }) => [name, kind]));
};

describe('a family declares what each of its parameters is', () => {
  it('of a BERT', async () => {
    expect(await kindsOf('bert-tiny', 'sequence-classification')).toMatchObject({
      'bert.embeddings.word_embeddings.weight': 'embedding',
      'bert.embeddings.LayerNorm.weight': 'norm',
      'bert.embeddings.LayerNorm.bias': 'norm',
      'bert.encoder.layer.0.attention.self.query.weight': 'kernel',
      'bert.encoder.layer.0.output.dense.bias': 'bias',
      'bert.pooler.dense.weight': 'head',
      'classifier.weight': 'head',
      'classifier.bias': 'bias',
    });
  });

  it('of a Llama with a head of its own', async () => {
    expect(await kindsOf('llama3-tiny', 'causal-lm')).toMatchObject({
      'model.embed_tokens.weight': 'embedding',
      'model.layers.0.self_attn.q_proj.weight': 'kernel',
      'model.layers.0.input_layernorm.weight': 'norm',
      'model.norm.weight': 'norm',
      'lm_head.weight': 'head',
    });
  });
});
