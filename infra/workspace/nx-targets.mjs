// Gives every package the same four targets, so that a package is package.json, tsconfig.json and src/ only, and the
// workspace as a whole those that are quicker in one process. What each reads is said here, in `inputs`: a task whose
// inputs are those of an earlier one is not done again (docs/contributing.md).
import { dirname } from 'node:path';

const pattern = '{package.json,{workflows,test,{activities,workers,libs}/*}/package.json}';

const infra = (...names) => names.map((name) => `{workspaceRoot}/infra/workspace/${name}`);
/** The package's own files; `^sources`: those of all packages that it depends on. */
const own = ['sources', '{workspaceRoot}/tsconfig.base.json'];
const withDependencies = [...own, '^sources'];
const tools = infra('build.mjs', 'packages.mjs');

/** What tests read outside of their package and those that it depends on. */
const alsoRead = {
  'libs/cli': ['{workspaceRoot}/docs/**/*'],
  'libs/nx': [
    '{workspaceRoot}/docs/*.md',
    '{workspaceRoot}/test/src/parity/matrix/*.py',
    ...infra('tsconfig.json'),
  ],
  // It looks at everything.
  test: ['{workspaceRoot}/**/*'],
};

const targetsFor = (root) => ({
  build: {
    command: `node infra/workspace/build.mjs ${root}`,
    cache: true,
    inputs: [...own, ...tools],
    // Not the types beside them, which are written for all packages together.
    outputs: ['{projectRoot}/dist/**/*.js', '{projectRoot}/dist/**/*.js.map'],
  },
  test: {
    command: `vitest run --config infra/workspace/vitest.config.ts --dir ${root} --passWithNoTests`,
    cache: true,
    // Child processes run from dist/, those of the packages that they come from too.
    dependsOn: ['build', { target: 'build', dependencies: true }],
    inputs: [
      ...withDependencies,
      ...infra('vitest.config.ts', 'support-reporter.mjs', 'support.mjs'),
      ...(alsoRead[root] ?? []),
    ],
    // Tests of one package keep two cores busy.
    parallelism: false,
  },
  lint: {
    command: `eslint -c infra/workspace/eslint.config.mjs ${root}`,
    options: { env: { LINT_PROJECT: `${root}/tsconfig.json` } },
    cache: true,
    inputs: [...withDependencies, ...infra('eslint.config.mjs', 'boundaries.mjs', 'packages.mjs')],
  },
  typecheck: {
    command: `tsc --noEmit -p ${root}`,
    cache: true,
    inputs: withDependencies,
  },
});

/** Of all packages in one process, which loads their types once. */
const together = {
  'lint-all': {
    command:
      'eslint -c infra/workspace/eslint.config.mjs . && knip -c infra/workspace/knip.json --no-progress --no-config-hints',
    cache: true,
    inputs: ['code'],
  },
  'typecheck-all': {
    command: 'tsc --noEmit -p infra/workspace/tsconfig.json',
    cache: true,
    inputs: ['code'],
  },
};

const projectOf = (root) =>
  root === '.' ? { name: 'temper', targets: together } : { targets: targetsFor(root) };

export const createNodes = [
  pattern,
  (files) =>
    files.map((file) => {
      const root = dirname(file);
      return [file, { projects: { [root]: projectOf(root) } }];
    }),
];
