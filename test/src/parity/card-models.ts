import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  openModel,
  readTensor,
  symmetricUniforms,
  writeSafetensors,
  type TensorSource,
} from '@temper/models';
import { goldenSource } from './source-folder.js';

const tokenizer = fileURLToPath(new URL('../../../libs/data/src/tokenizer/goldens/chat', import.meta.url));

/** The tiny Llama of the goldens with a chat template: its tokenizer knows 400 tokens, and the model gets as many rows. */
export async function writeTinyChat(folder: string): Promise<string> {
  const source = goldenSource('tiny-llama');
  await cp(tokenizer, folder, { recursive: true });
  await mkdir(folder, { recursive: true });
  const config = JSON.parse(await readFile(join(source, 'config.json'), 'utf8')) as { hidden_size: number };
  const ids = { bos_token_id: 1, eos_token_id: 2, pad_token_id: 2 };
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...ids, vocab_size: 400 }));
  const tensors: Record<string, TensorSource> = {};
  for (const [name, weight] of (await openModel(source)).weights) {
    tensors[name] = { dtype: 'F32', shape: weight.shape, data: async () => (await readTensor(weight)).data };
  }
  const data = symmetricUniforms(400 * config.hidden_size, 0.3, 11, 'rows of tokens');
  tensors['model.embed_tokens.weight'] = { dtype: 'F32', shape: [400, config.hidden_size], data };
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  return folder;
}
