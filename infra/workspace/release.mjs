// Makes a release, or shows that one could be made.
//   node infra/workspace/release.mjs --out FOLDER              checks, packs, writes the SBOM; publishes nothing
//   node infra/workspace/release.mjs --out FOLDER --publish    besides: publishes with provenance
// Provenance (which commit and which build made a tarball) is signed by the build service: --publish works there alone.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { root } from './packages.mjs';

const { values } = parseArgs({
  args: argv.slice(2),
  options: { out: { type: 'string' }, publish: { type: 'boolean' } },
});
if (!values.out) {
  stderr.write('node infra/workspace/release.mjs --out FOLDER [--publish]\n');
  exit(2);
}
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

const run = (command, args, stdio = 'inherit') =>
  execFileSync(command, args, { cwd: root, stdio, maxBuffer: 2 ** 28 });

run('node', ['infra/workspace/supply-chain.mjs', '--check']);
// Asks the registry what is known against the versions of the lock file: it needs the network, so it is no step of CI.
run('npm', ['audit', '--omit=dev', '--audit-level=high']);
run('node', ['infra/workspace/packages-check/main.mjs', '--out', out]);
writeFileSync(
  join(out, 'sbom.cdx.json'),
  run('npm', ['run', '--silent', 'sbom'], ['ignore', 'pipe', 'inherit']),
);

for (const tarball of readdirSync(out).filter((name) => name.endsWith('.tgz'))) {
  if (values.publish) run('npm', ['publish', join(out, tarball), '--provenance', '--access', 'public']);
}
stdout.write(`${values.publish ? 'published from' : 'ready in'} ${out}\n`);
