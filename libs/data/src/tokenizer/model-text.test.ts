import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chatTemplatesOf } from './chat-template.js';
import { readJson } from './special-tokens.js';
import { tokenizerJson } from './tokenizer-json.js';

it('files of a tokenizer that are far too long, or pipes, are refused before they are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-tokenizer-'));
  const reading = {
    'tokenizer.json': () => tokenizerJson(folder),
    'tokenizer_config.json': () => readJson(folder, 'tokenizer_config.json'),
    'chat_template.jinja': () => chatTemplatesOf(folder),
  };
  try {
    for (const [name, read] of Object.entries(reading)) {
      const file = join(folder, name);
      await writeFile(file, '');
      await truncate(file, 2 ** 31);
      await expect(read()).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
      await rm(file);
      execFileSync('mkfifo', [file]);
      await expect(read()).rejects.toThrow(/is no file/);
      await rm(file);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
