import { expect, it } from 'vitest';
import { families } from '../architectures/registry.js';
import { configText } from './config-text.js';

/** As transformers declares them `float`, which takes no whole number (5.23, configuration_*.py). */
const floats = [
  ['gemma2', 'gemma2', { attn_logit_softcapping: 50, final_logit_softcapping: 30 }],
  ['gemma3', 'gemma3_text', { attn_logit_softcapping: 50, final_logit_softcapping: 30 }],
  ['modernbert', 'modernbert', { initializer_cutoff_factor: 2 }],
  ['opt', 'opt', { init_std: 1 }],
  ['llama', 'llama', { initializer_range: 1 }],
] as const;

it.each(floats)('of a %s has fractions where transformers takes no whole number', (family, type, values) => {
  const fields = (families[family].fields as Record<string, Parameters<typeof configText>[1]>)[type];
  const text = configText({ model_type: type, ...values, hidden_size: 16, pad_token_id: null }, fields);
  for (const [name, value] of Object.entries(values)) expect(text).toContain(`"${name}": ${value}.0,`);
  expect(text).toContain('"hidden_size": 16,');
  expect(JSON.parse(text)).toEqual({ model_type: type, ...values, hidden_size: 16, pad_token_id: null });
});
