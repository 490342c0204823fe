// What each package.json must say, for those who install the package.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../packages.mjs';

/** @returns what is wrong, in words. */
export function manifestProblems({ folder, manifest }, { version, names }) {
  const said = [];
  const must = (right, problem) => right || said.push(problem);
  must(manifest.version === version, `version is ${manifest.version}, all others ${version}`);
  must(manifest.description, 'no description');
  must(manifest.license === 'Apache-2.0', `license is ${manifest.license}`);
  must(manifest.type === 'module', 'not "type": "module"');
  must(manifest.engines?.node === '>=20.19', 'engines.node is not >=20.19');
  must(manifest.repository?.directory === folder, `repository.directory is not ${folder}`);
  must(manifest.publishConfig?.access === 'public', 'publishConfig.access is not public');
  must(/packable\.mjs$/.test(manifest.scripts?.prepack ?? ''), 'no prepack script that makes it whole');
  must(manifest.files?.includes('CHANGELOG.md'), 'CHANGELOG.md is not among its files');
  for (const file of ['README.md', 'LICENSE']) must(existsSync(join(root, folder, file)), `no ${file}`);
  must(manifest.exports?.['./package.json'], 'does not export ./package.json');
  for (const [path, target] of Object.entries(manifest.exports ?? {}))
    said.push(...exportProblems(path, target));
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    must(!name.startsWith('@temporalio/'), `${name} is a dependency: the SDK is the host's, a peer`);
    must(!names.has(name) || range === version, `${name} is wanted as ${range}, not ${version}`);
  }
  for (const [name, range] of allRanges(manifest))
    must(range !== '*' && range !== '', `${name}: any version`);
  return said;
}

const allRanges = (manifest) =>
  ['dependencies', 'peerDependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}),
  );

/** `types` first, each to what is built, and to the sources inside this repository. */
function exportProblems(path, target) {
  if (typeof target === 'string') return path.endsWith('.json') ? [] : [`${path} has no types`];
  const source = target['temper:source'];
  const built = source?.replace('./src/', './dist/').replace(/\.ts$/, '');
  const wanted = {
    types: { 'temper:source': source, default: `${built}.d.ts` },
    'temper:source': source,
    default: `${built}.js`,
  };
  if (JSON.stringify(target) === JSON.stringify(wanted)) return [];
  return [`exports ${path}: ${JSON.stringify(target)}, not ${JSON.stringify(wanted)}`];
}
