// That a package declares what it uses, and uses what it declares.
import { builtinModules } from 'node:module';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../packages.mjs';

/** @returns what is wrong, in words. Both the sources and the types that are made of them are read. */
export function dependencyProblems({ folder, manifest }) {
  const given = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  const left = leftOut(manifest);
  const shipped = mentions(folder, (file) => /^(src|dist|bin)\/.*\.[jt]s$/.test(file) && !left(file));
  const tested = mentions(folder, (file) => /^src\/.*\.ts$/.test(file) && left(file));
  const undeclared = [...shipped.imports]
    .filter(([name]) => !(name in given) && name !== manifest.name)
    .map(([name, file]) => `${name} is imported by ${file} and not declared`);
  const undeclaredTests = [...tested.imports]
    .filter(([name]) => !(name in { ...given, ...manifest.devDependencies }) && name !== manifest.name)
    // A test may hold the text of somebody else's module.
    .filter(([name]) => existsSync(join(root, 'node_modules', name)))
    .map(([name, file]) => `${name} is imported by ${file} and not among devDependencies`);
  const unused = Object.keys(given)
    .filter((name) => !shipped.strings.has(name))
    .map((name) => `${name} is declared and never used`);
  const unusedDev = Object.keys(manifest.devDependencies ?? {})
    .filter((name) => !(name in given) && !tested.strings.has(name))
    .map((name) => `${name} is among devDependencies and never used`);
  return [...undeclared, ...undeclaredTests, ...unused, ...unusedDev];
}

/** What `files` takes out again, by patterns such as `!**\/*.test.*`: tests, and what only they use. */
function leftOut({ files = [] }) {
  const patterns = files
    .filter((pattern) => pattern.startsWith('!**/'))
    .map((pattern) => pattern.slice(4).replaceAll('.', '\\.').replaceAll('*', '[^/]*'));
  const any = new RegExp(`(^|/)(${patterns.join('|')})(/|$)`);
  return (file) => any.test(file);
}

const builtin = new Set(builtinModules);

function mentions(folder, wanted) {
  const imports = new Map();
  const strings = new Set();
  for (const file of readdirSync(join(root, folder), { recursive: true }).filter(wanted)) {
    const text = readFileSync(join(root, folder, file), 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
    for (const [, specifier] of text.matchAll(importing)) {
      const name = packageOf(specifier);
      if (name && !imports.has(name)) imports.set(name, `${folder}/${file}`);
    }
    // A package may also be named to be found and run: any string counts as use.
    for (const [, string] of text.matchAll(/['"`](@?[a-z][\w./@-]*)/g)) strings.add(packageOf(string));
  }
  return { imports, strings };
}

/** `from 'x'`, `import 'x'`, `import('x')`, `require('x')`, `require.resolve('x')`, `import.meta.resolve('x')`. */
const importing =
  /(?:\bfrom\s+|^import\s+|\bimport\(\s*|\brequire(?:\.resolve)?\(\s*|\bmeta\.resolve\(\s*)['"]([^'"$\n]+)['"]/gm;

function packageOf(specifier) {
  if (!specifier || !/^(@[a-z0-9]|[a-z])/.test(specifier)) return undefined;
  if (specifier.startsWith('node:') || builtin.has(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
