// What comes from others, checked against the lock file and the pins.
//   node infra/workspace/supply-chain.mjs            checks, and writes docs/licences.md
//   node infra/workspace/supply-chain.mjs --check    checks, and compares docs/licences.md
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stderr } from 'node:process';
import { pathToFileURL } from 'node:url';
import { packages, readJson, root } from './packages.mjs';

const page = join(root, 'docs/licences.md');

/**
 * Packages that bring an install script. None is run (`allowScripts` in package.json); each is here with what its script would do, so that a
 * new one is looked at before it is taken.
 */
const installScripts = {
  '@swc/core': 'falls back to another build of itself, where none fits the machine',
  esbuild: 'checks its binary',
  nx: 'looks for an outdated Nx in the workspace',
  'onnxruntime-node': 'downloads CUDA libraries',
  protobufjs: 'warns of its versioning',
};

/** Licences of what users get: all permit use, change and distribution without a duty on Temper's own code. */
const allowed = new Set([
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'MIT-0', 'BlueOak-1.0.0'],
  ...['Unlicense', 'CC0-1.0', 'Python-2.0'],
]);

/** Whose package.json says something else than what holds, or whose licence is of data alone. */
const exceptions = {
  unionfs: { licence: 'Unlicense', why: 'its LICENSE file; package.json names none' },
  'caniuse-lite': { licence: 'CC-BY-4.0', why: 'data of browsers, used while workflows are bundled' },
};

/** Everything that is wrong, in words. */
export function supplyProblems(lock, { npmrc, allowScripts, pins, manifests }) {
  const entries = thirdParty(lock);
  return [
    ...entries
      .filter(({ integrity }) => !/^sha512-/.test(integrity ?? ''))
      .map(named('has no SHA-512 in the lock file')),
    ...entries
      .filter(({ resolved }) => resolved !== undefined)
      .map(
        named(
          'names an address in the lock file: whoever installs would ask there, and not the registry of his own',
        ),
      ),
    ...entries
      .filter(({ name, hasInstallScript }) => hasInstallScript && !Object.hasOwn(installScripts, name))
      .map(named('brings an install script that nobody has looked at (installScripts in supply-chain.mjs)')),
    ...Object.keys(installScripts)
      .filter((name) => !entries.some((e) => e.name === name && e.hasInstallScript))
      .map((name) => `${name}: has no install script any more: take it off the list`),
    ...production(lock)
      .filter((entry) => !isAllowed(entry))
      .map(
        ({ name, version, license }) =>
          `${name}@${version}: its licence is not an allowed one: ${license ?? 'none'}`,
      ),
    ...['strict-allow-scripts=true', 'onnxruntime-node-install=skip']
      .filter((line) => !npmrc.split('\n').includes(line))
      .map((line) => `.npmrc: ${line} is missing`),
    ...refusalProblems(allowScripts),
    ...pinProblems(pins),
    ...manifests.flatMap(looseVersions),
  ];
}

/** What npm is told is the list above. */
const refusalProblems = (allowScripts = {}) => [
  ...Object.keys(installScripts)
    .filter((name) => allowScripts[name] !== false)
    .map((name) => `package.json: allowScripts does not refuse ${name}`),
  ...Object.keys(allowScripts)
    .filter((name) => !Object.hasOwn(installScripts, name))
    .map((name) => `package.json: allowScripts has ${name}, which nobody has looked at`),
];

const named =
  (what) =>
  ({ name, version }) =>
    `${name}@${version}: ${what}`;

/** Not our own, which are links, and not the root. */
const thirdParty = ({ packages: all }) =>
  Object.entries(all)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link)
    .map(([path, entry]) => ({ ...entry, name: entry.name ?? path.replace(/^.*node_modules\//, '') }));

const production = (lock) => thirdParty(lock).filter(({ dev }) => !dev);

const licenceOf = ({ name, license }) =>
  Object.hasOwn(exceptions, name) ? exceptions[name].licence : license;

/** SPDX expressions: all of what is joined by AND, one of what is joined by OR. */
function isAllowed(entry) {
  if (Object.hasOwn(exceptions, entry.name)) return true;
  const all = (entry.license ?? '').replace(/[()]/g, '').split(' AND ');
  return all.every((part) => part.split(' OR ').some((licence) => allowed.has(licence)));
}

/** Every list of hashes in the files of pins holds whole SHA-256 or SHA-512 and is not empty. */
const pinProblems = (pins) =>
  pins.flatMap(({ file, text }) => {
    const versions = [...text.matchAll(/^\s+version: '/gm)].length;
    const hashes = [...text.matchAll(/'([0-9a-f]{64}|[A-Za-z0-9+/]{86}==)'/g)].length;
    const lists = [...text.matchAll(/^\s+sha(?:256|512): ?(?:\[|'|$)/gm)].length;
    return lists === versions && hashes >= versions ? [] : [`${file}: a version is pinned without its hash`];
  });

/** `*` takes whatever somebody publishes; an address or a tag does, too. */
const looseVersions = ({ folder, manifest }) =>
  ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, version]) => !/^(?:npm:\S+@)?[\^~]?\d+\.\d+\.\d+|^>=?\d/.test(version))
      .map(([name, version]) => `${folder}/package.json: ${name} has the version ${version}`),
  );

/** The text of the page. */
export function licencePage(lock) {
  const byLicence = new Map();
  for (const entry of production(lock)) {
    const licence = licenceOf(entry);
    byLicence.set(licence, [...(byLicence.get(licence) ?? []), entry]);
  }
  const rows = [...byLicence].sort(([, a], [, b]) => b.length - a.length || (a[0].name < b[0].name ? -1 : 1));
  const listed = (entries) => [...new Set(entries.map(({ name }) => name))].sort().join(', ');
  return `# Licences

Made by \`node infra/workspace/supply-chain.mjs\` from \`package-lock.json\`: what an installation of Temper brings besides Temper (Apache-2.0).
Another licence than these fails the build.

${rows.map(([licence, entries]) => `## ${licence}\n\n${listed(entries)}\n`).join('\n')}
${Object.entries(exceptions)
  .map(([name, { licence, why }]) => `${name} is under ${licence}: ${why}.`)
  .join('\n')}

Fetched while it runs, never part of a package: the Temporal CLI (MIT), SeaweedFS (Apache-2.0), and what a spec names.
`;
}

function main() {
  const lock = readJson(join(root, 'package-lock.json'));
  const text = (file) => readFileSync(join(root, file), 'utf8');
  const pins = ['libs/services/src/pins.ts', 'libs/sources/src/pins.ts'].map((file) => ({
    file,
    text: text(file),
  }));
  const manifest = readJson(join(root, 'package.json'));
  const { allowScripts } = manifest;
  const manifests = [{ folder: '.', manifest }, ...packages()];
  const problems = supplyProblems(lock, { npmrc: text('.npmrc'), allowScripts, pins, manifests });
  const wanted = licencePage(lock);
  if (!argv.includes('--check')) writeFileSync(page, wanted);
  else if (readFileSync(page, 'utf8') !== wanted)
    problems.push('docs/licences.md is not what the lock file says: node infra/workspace/supply-chain.mjs');
  for (const problem of problems) stderr.write(`${problem}\n`);
  exit(problems.length ? 1 : 0);
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) main();
