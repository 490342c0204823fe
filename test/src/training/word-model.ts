import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenSource } from '../parity/source-folder.js';

/** The last token of the tiny models. */
export const LAST = 96;

/** Each turn opens with a word for who speaks, and closes with the last token. */
const CHAT =
  "{% for m in messages %}{{ 'w90' if m.role == 'assistant' else 'w91' }} {{ m.content }} w96 {% endfor %}" +
  '{% if add_generation_prompt %}w90 {% endif %}';

/** A tiny model with a tokenizer that writes id 7 as `w7`, and a chat template where it is to have one. Returns its folder. */
export async function wordModel(folder: string, name: string, { chat = false } = {}): Promise<string> {
  const target = join(folder, name);
  await cp(goldenSource(name), target, { recursive: true });
  const vocab = Object.fromEntries(Array.from({ length: LAST + 1 }, (_, id) => [`w${id}`, id]));
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: { type: 'WordLevel', vocab, unk_token: 'w0' },
  };
  await writeFile(join(target, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(
    join(target, 'tokenizer_config.json'),
    JSON.stringify({ eos_token: `w${LAST}`, pad_token: 'w0', ...(chat && { chat_template: CHAT }) }),
  );
  return target;
}
