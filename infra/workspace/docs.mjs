// Writes the documentation that follows from the code: docs/spec.md and the JSON Schema.
//   npm run build && node infra/workspace/docs.mjs
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedDocs } from '../../libs/cli/dist/docs/generate.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
for (const [path, text] of Object.entries(generatedDocs())) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
