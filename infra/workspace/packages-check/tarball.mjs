// What a packed package holds, and how it resolves.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** @returns what is wrong, in words. */
export async function tarballProblems(file, manifest) {
  return [
    ...contentProblems(file, manifest),
    ...(await publintProblems(file)),
    ...(await typeProblems(file)),
  ];
}

/** What must never be shipped: tests, what they compare with, and what only a checkout needs. */
const unwanted = /\.test\.|\/goldens\/|\/testing-user\.|\/build-clone\.|\.tsbuildinfo$|tsconfig\.json$/;

function contentProblems(file, manifest) {
  const files = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n');
  const there = new Set(files);
  const wanted = ['README.md', 'LICENSE', 'CHANGELOG.md', ...Object.values(manifest.bin ?? {})];
  return [
    ...files.filter((name) => unwanted.test(name)).map((name) => `holds ${name}`),
    ...wanted
      .filter((name) => !there.has(`package/${name.replace(/^\.\//, '')}`))
      .map((name) => `lacks ${name}`),
  ];
}

async function publintProblems(file) {
  const tarball = readFileSync(file);
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
  });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/**
 * With the library under `attw`. Resolution without `exports` (node10) is not promised. That `require` reaches an ES module is
 * meant: Node does that from 20.19 on.
 */
async function typeProblems(file) {
  const { problems = [], types } = await checkPackage(createPackageFromTarballData(readFileSync(file)));
  return [
    ...(types ? [] : ['attw: holds no types']),
    ...problems
      .filter(({ kind, resolutionKind }) => kind !== 'CJSResolvesToESM' && resolutionKind !== 'node10')
      .map((problem) => `attw: ${JSON.stringify(problem)}`),
  ];
}
