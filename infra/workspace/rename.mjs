// The scope of the packages, and how it is changed.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from './packages.mjs';

/** What was recorded stays as it was recorded. */
const recorded =
  /^test\/(histories|stores|corpus)\/|\/goldens\/|\.(safetensors|onnx|gguf|parquet|zst|gz|png)$/;

/** Of `folder`, a checkout or a copy of one. */
export function renameScope(folder, to, { repository } = {}) {
  if (!/^@[a-z0-9][a-z0-9._-]*$/.test(to)) throw new Error(`not a scope of npm: ${to} (such as @acme)`);
  const from = scopeOf(folder);
  const files = sourcesOf(folder).filter((file) => !recorded.test(file));
  const changed = files.filter((file) => rewrite(join(folder, file), (text) => renamed(text, from, to)));
  if (repository) setRepository(folder, repository);
  return { from, files: changed.length };
}

const scopeOf = (folder) => packages(folder)[0].manifest.name.split('/')[0];

/** Also where the slash is escaped, as in regular expressions. */
const renamed = (text, from, to) => text.replaceAll(new RegExp(`${from}(?=\\\\?/)`, 'g'), to);

function setRepository(folder, url) {
  for (const { folder: at } of packages(folder)) {
    rewrite(join(folder, at, 'package.json'), (text) => {
      const manifest = JSON.parse(text);
      if (!manifest.repository) return text;
      return `${JSON.stringify({ ...manifest, repository: { ...manifest.repository, url } }, null, 2)}\n`;
    });
  }
}

function rewrite(file, change) {
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after !== before) writeFileSync(file, after);
  return after !== before;
}

/** What is tracked, and what is new and not ignored. */
export const sourcesOf = (folder) => [...new Set(git(folder, 'ls-files', '-z', '-co', '--exclude-standard'))];

const git = (cwd, ...args) =>
  execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 })
    .split('\0')
    .filter(Boolean);
