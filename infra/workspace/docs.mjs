// Writes the documentation that follows from the code: docs/spec.md, the JSON Schema, and the programs in pages.
//   npm run build && node infra/workspace/docs.mjs
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withExamples } from './examples.mjs';
import { generatedDocs } from '../../libs/cli/dist/docs/generate.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
for (const [path, text] of Object.entries(generatedDocs())) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const pages = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
for (const page of pages.map((name) => join(root, 'docs', name))) {
  const text = await readFile(page, 'utf8');
  const shown = withExamples(text, root);
  if (shown !== text) await writeFile(page, shown);
}
