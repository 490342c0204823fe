// Packs every package that is published, as npm would publish it.
//   node infra/workspace/pack.mjs --out FOLDER [--scope @acme]
// With --scope from a renamed copy of the sources; the checkout stays as it is.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { published, root } from './packages.mjs';
import { renamedCopy } from './renamed-copy.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' }, scope: { type: 'string' } } });
if (!values.out) {
  process.stderr.write('node infra/workspace/pack.mjs --out FOLDER [--scope @acme]\n');
  process.exit(2);
}
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

if (values.scope) {
  const copy = renamedCopy(values.scope);
  try {
    run('node', ['infra/workspace/pack.mjs', '--out', out], copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
} else {
  run('node', ['infra/workspace/packable.mjs'], root);
  const workspaces = published().flatMap(({ folder }) => ['-w', folder]);
  // Made whole once, above: not again by each package's `prepack`.
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out, ...workspaces], root);
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: 'inherit' });
}
