// The README of a package: what it is, how it is installed, and a table of its import paths.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../packages.mjs';

const begin = '<!-- import paths: node infra/workspace/readme/main.mjs -->';
const end = '<!-- /import paths -->';

/** @returns what is wrong, in words. */
export function readmeProblems({ folder, manifest }) {
  const file = join(root, folder, 'README.md');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  if (!text.includes(begin)) return ['its README has no table of import paths'];
  const said = rowsOf(text);
  const wanted = pathsOf(manifest);
  return [
    ...wanted.filter((path) => !said.has(path)).map((path) => `its README does not tell of ${path}`),
    ...wanted
      .filter((path) => said.get(path) === '')
      .map((path) => `its README does not say what ${path} is`),
    ...[...said.keys()]
      .filter((path) => !wanted.includes(path))
      .map((path) => `its README tells of ${path}, which is gone`),
  ];
}

/** Writes the table anew, with what the rows said; a README that is missing, whole. */
export async function writeReadme({ folder, manifest }) {
  const file = join(root, folder, 'README.md');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : newReadme(manifest);
  if (!text.includes(begin)) throw new Error(`${folder}/README.md has no line ${begin}`);
  const said = rowsOf(text);
  const [before] = text.split(begin);
  const [, after] = text.split(end);
  const whole = `${before}${begin}\n\n${tableOf(manifest, said)}\n\n${end}${after}`;
  writeFileSync(file, await format(whole, { ...(await resolveConfig(file)), filepath: file }));
}

const pathsOf = ({ name, exports }) =>
  Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => name + path.slice(1));

function rowsOf(text) {
  const table = text.split(begin)[1]?.split(end)[0] ?? '';
  return new Map(
    [...table.matchAll(/^\| `([^`]+)`\s*\|(.*)\|$/gm)].map(([, path, what]) => [path, what.trim()]),
  );
}

function tableOf(manifest, said) {
  const rows = pathsOf(manifest).map((path) => [
    `\`${path}\``,
    said.get(path) ?? (path === manifest.name ? manifest.description : ''),
  ]);
  return [['import path', 'what it gives'], ['---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function newReadme({ name, description, peerDependencies = {} }) {
  const peers = Object.keys(peerDependencies);
  return `# ${name}

${description}

A part of Temper, durable fine-tuning of language models: start with \`npx @temper/cli quickstart\`.

\`\`\`sh
npm install ${[name, ...peers].join(' ')}
\`\`\`

${begin}

${end}

ES modules with types, for Node 20.19 or newer; CommonJS hosts load them with \`require\`.${peers.length ? ' The SDK of Temporal is the one that you have: a peer.' : ''}

Apache-2.0.
`;
}
