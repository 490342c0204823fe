// A copy of the sources with another scope, in a temporary folder, that builds and packs like the checkout.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { packages, root } from './packages.mjs';
import { renameScope, sourcesOf } from './rename.mjs';

export function renamedCopy(scope) {
  const copy = mkdtempSync(join(tmpdir(), 'temper-renamed-'));
  for (const file of sourcesOf(root)) {
    if (file.startsWith('test/') || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  execFileSync('git', ['init', '-q'], { cwd: copy });
  renameScope(copy, scope);
  linkModules(copy, scope);
  return copy;
}

/** The dependencies of the checkout, and the packages under their new names. */
function linkModules(copy, scope) {
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, scope), { recursive: true });
  const ours = basename(dirname(packages()[0].manifest.name));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== ours && !name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const { folder, manifest } of packages(copy)) {
    symlinkSync(join(copy, folder), join(modules, manifest.name));
  }
}
