// Brings the table of import paths in each package's README up to date; what a row says is written by hand and kept.
//   node infra/workspace/readme/main.mjs [--check]
import { published } from '../packages.mjs';
import { readmeProblems, writeReadme } from './readme.mjs';

if (!process.argv.includes('--check')) await Promise.all(published().map(writeReadme));
for (const one of published()) {
  for (const problem of readmeProblems(one)) {
    process.stdout.write(`${one.manifest.name}: ${problem}\n`);
    process.exitCode = 1;
  }
}
