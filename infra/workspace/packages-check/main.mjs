// Whether every package can be published and installed: its manifest, what it declares, its tarball and its types.
//   node infra/workspace/packages-check/main.mjs [--out FOLDER]    FOLDER keeps the tarballs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packages, published, root } from '../packages.mjs';
import { readmeProblems } from '../readme/readme.mjs';
import { dependencyProblems } from './dependencies.mjs';
import { manifestProblems } from './manifest.mjs';
import { sdkProblems } from './sdk.mjs';
import { tarballProblems } from './tarball.mjs';

const ours = published();
const version = ours[0].manifest.version;
const names = new Set(packages().map(({ manifest }) => manifest.name));
const inner = new Set(
  packages()
    .filter(({ manifest }) => manifest.private)
    .map(({ manifest }) => manifest.name),
);
const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = values.out ? resolve(values.out) : mkdtempSync(join(tmpdir(), 'temper-packages-'));
let failed = tell('temper', sdkProblems());
try {
  execFileSync('node', [join(root, 'infra/workspace/pack.mjs'), '--out', out], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const one of ours) {
    const { name } = one.manifest;
    const file = join(out, `${name.slice(1).replace('/', '-')}-${version}.tgz`);
    failed += tell(name, [
      ...manifestProblems(one, { version, names }),
      ...innerProblems(one.manifest),
      ...dependencyProblems(one),
      ...readmeProblems(one),
      ...(await tarballProblems(file, one.manifest)),
    ]);
  }
} finally {
  if (!values.out) rmSync(out, { recursive: true });
}
process.stdout.write(failed ? `${failed} problems\n` : `${ours.length} packages: fine\n`);
process.exitCode = failed ? 1 : 0;

/** What is published may not need what is not. */
function innerProblems({ dependencies = {}, peerDependencies = {} }) {
  return Object.keys({ ...dependencies, ...peerDependencies })
    .filter((name) => inner.has(name))
    .map((name) => `${name} is needed and private`);
}

function tell(name, problems) {
  for (const problem of problems) process.stdout.write(`${name}: ${problem}\n`);
  return problems.length;
}
